# Two commands do all set-up on a fresh Debian or Ubuntu machine with Go, git
# and make: `make run` and `make test`. `make help` lists the rest.

SHELL := /bin/bash
GO := $(shell command -v go || echo /usr/local/go/bin/go)
# Where git will not say which commit this is, the binary goes without.
VCS := $(shell git rev-parse HEAD >/dev/null 2>&1 || echo -buildvcs=false)
ARGS ?=

.PHONY: help build run demo test test-n8n lint fuzz bench cover generate clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

build: ## bin/tandai, one binary without cgo
	CGO_ENABLED=0 $(GO) build -trimpath $(VCS) -o bin/tandai ./cmd/tandai

run: build ## build and run `tandai serve`; ARGS="--addr :8080" adds flags
	bin/tandai serve $(ARGS)

demo: build ## a throw-away Tandai with a believable agency in it
	bin/tandai demo $(ARGS)

test: ## all tests, on SQLite and MariaDB; ARGS="-run X ./internal/waha" for some
	scripts/test.sh $(ARGS)

test-n8n: ## the workflows of examples/n8n in a real n8n, which it installs from npm
	scripts/test-n8n.sh $(ARGS)

lint: ## gofmt, vet, staticcheck and our own analysers
	scripts/lint.sh

fuzz: ## every fuzz target; FUZZTIME=1000000x
	scripts/fuzz.sh

bench: ## measured ratios, written to docs/benchmarks.md
	CGO_ENABLED=0 $(GO) run ./cmd/tandai-bench $(ARGS)

cover: ## tests with coverage; bin/cover.html shows it line by line
	mkdir -p bin
	scripts/test.sh -covermode=atomic -coverpkg=./... -coverprofile=bin/cover.out ./...
	$(GO) tool cover -func=bin/cover.out | tail -n 1
	$(GO) tool cover -html=bin/cover.out -o bin/cover.html

generate: ## generated files anew
	CGO_ENABLED=0 $(GO) generate ./...

clean: ## what the targets above leave behind; data stays
	rm -rf bin
