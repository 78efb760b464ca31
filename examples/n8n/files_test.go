package n8n

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// workflow is what n8n exports and imports, as far as it matters here.
type workflow struct {
	ID          string                                   `json:"id"`
	Name        string                                   `json:"name"`
	Active      bool                                     `json:"active"`
	Nodes       []workflowNode                           `json:"nodes"`
	Connections map[string]struct{ Main [][]connection } `json:"connections"`
}

type workflowNode struct {
	ID, Name, Type string
	WebhookID      string `json:"webhookId"`
	Parameters     map[string]any
	Credentials    map[string]struct{ ID, Name string }
}

type connection struct{ Node, Type string }

func load(t *testing.T, file string) workflow {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := json.Unmarshal(text, &w); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return w
}

var files = []string{"original.json", "behind-tandai.json", "triggered-by-tandai.json"}

func TestFiles_importable(t *testing.T) {
	found, err := filepath.Glob("*.json")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	if diff := cmp.Diff(slices.Sorted(slices.Values(files)), found); diff != "" {
		t.Errorf("workflows (-want +got):\n%s", diff)
	}
	ids := map[string]string{}
	for _, file := range files {
		w := load(t, file)
		if w.ID == "" || w.Name == "" || w.Active {
			t.Errorf("%s: id %q, name %q, active %v; want both named, and asleep until somebody wakes it", file, w.ID, w.Name, w.Active)
		}
		names := map[string]bool{}
		for _, n := range w.Nodes {
			if names[n.Name] {
				t.Errorf("%s: two nodes are called %q", file, n.Name)
			}
			names[n.Name] = true
			for _, id := range []string{w.ID + " " + n.ID, n.WebhookID} {
				if ids[id] != "" && id != "" {
					t.Errorf("%s: the id %s is that of %s too", file, id, ids[id])
				}
				ids[id] = file + ": " + n.Name
			}
		}
		for from, outputs := range w.Connections {
			if !names[from] {
				t.Errorf("%s: a connection starts at %q, which is not there", file, from)
			}
			for _, output := range outputs.Main {
				for _, to := range output {
					if !names[to.Node] || to.Type != "main" {
						t.Errorf("%s: %q leads to %q", file, from, to.Node)
					}
				}
			}
		}
	}
}

// What a secret would look like in an exported workflow.
var secret = regexp.MustCompile(`(?i)"(password|api_?key|token|secret|host|user)"\s*:\s*"([^"]*)"`)

func TestFiles_holdNoSecret(t *testing.T) {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range secret.FindAllStringSubmatch(string(text), -1) {
			if !strings.HasPrefix(found[2], "={{ $env.") {
				t.Errorf("%s holds %s", file, found[0])
			}
		}
		if phone := regexp.MustCompile(`62\d{8,}`).Find(text); phone != nil {
			t.Errorf("%s holds the phone %s", file, phone)
		}
	}
}

// The first workflow is the one that people run, node for node; the second
// differs from it in nothing that works.
func TestFiles_original(t *testing.T) {
	original, behind := load(t, "original.json"), load(t, "behind-tandai.json")
	var names []string
	for _, n := range original.Nodes {
		if n.Type != "n8n-nodes-base.stickyNote" {
			names = append(names, n.Name)
		}
	}
	want := []string{"WAHA Trigger", "IF Chat Personal", "IF Chat Personal1", "Mapping Add Label", "Mapping Delete Label", "MySQL Upsert"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	for _, w := range []*workflow{&original, &behind} {
		w.ID, w.Name = "", ""
		w.Nodes = slices.DeleteFunc(w.Nodes, func(n workflowNode) bool { return n.Type == "n8n-nodes-base.stickyNote" })
		for i := range w.Nodes {
			n := &w.Nodes[i]
			n.ID, n.WebhookID = "", ""
			withoutIDs(n.Parameters)
		}
	}
	if diff := cmp.Diff(original, behind); diff != "" {
		t.Errorf("behind Tandai the workflow is another one (-original +behind):\n%s", diff)
	}
}

// withoutIDs removes the ids that n8n gives to the parts of a node.
func withoutIDs(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "id")
		for _, part := range v {
			withoutIDs(part)
		}
	case []any:
		for _, part := range v {
			withoutIDs(part)
		}
	}
}
