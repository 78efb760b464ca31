// Package n8n holds no code: it is the folder of the n8n workflows, and of the
// tests that read them and run them in a real n8n (make test-n8n).
package n8n
