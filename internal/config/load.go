package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// DefaultFile is read where no other file is named and it exists.
const DefaultFile = "tandai.yaml"

// EnvFile names the environment variable that names the file to read.
const EnvFile = "TANDAI_CONFIG"

// maxFile is far above any configuration, and below what would hurt.
const maxFile = 1 << 20

// Source says where the configuration comes from.
type Source struct {
	// Path is the file to read, which must exist. Where it is "", that is
	// $TANDAI_CONFIG, else tandai.yaml if there is one.
	Path string

	// Env looks up an environment variable, as os.LookupEnv does. nil is an
	// empty environment.
	Env func(name string) (string, bool)

	// Flags are the values of command-line flags by the path of their key:
	// "data_dir" is reported as --data-dir. Only those that were given.
	Flags map[string]string
}

// Load reads the configuration from the file at path and the environment. See
// Source.
func Load(path string, env func(string) (string, bool)) (*Config, error) {
	return Source{Path: path, Env: env}.Load()
}

// A loader gathers one configuration and everything wrong with it.
type loader struct {
	cfg      *Config
	file     string // as messages name it
	layer    layer  // being read
	origins  map[string]origin
	bad      map[string]bool // keys with a problem
	problems []Problem
}

// Load reads and checks the configuration. An error is an *Error with all that
// is wrong, or says why the file cannot be read.
func (s Source) Load() (*Config, error) {
	if s.Env == nil {
		s.Env = func(string) (string, bool) { return "", false }
	}
	l := &loader{cfg: Default(), origins: map[string]origin{}, bad: map[string]bool{}}
	text, err := l.open(s)
	if err != nil {
		return nil, err
	}
	l.readYAML(text)
	l.warnReadable()
	l.readEnv(s.Env)
	l.readFlags(s.Flags)
	l.readFiles()
	l.check()
	if err := l.err(); err != nil {
		return nil, err
	}
	l.finish()
	return l.cfg, nil
}

// open returns the text of the file, nothing where there is none.
func (l *loader) open(s Source) ([]byte, error) {
	path, why := s.Path, "--config"
	if path == "" {
		path, _ = s.Env(EnvFile)
		why = EnvFile
	}
	named := path != ""
	if !named {
		path = DefaultFile
	}
	text, err := readLimited(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !named {
			return nil, nil
		}
		return nil, fmt.Errorf("configuration file %s (from %s) does not exist", path, why)
	}
	if err != nil {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	l.file, l.cfg.file = path, path
	return text, nil
}

// readLimited reads a file of at most maxFile bytes.
func readLimited(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder", path)
	}
	text, err := os.ReadFile(path)
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is larger than %v", path, Size(maxFile))
	}
	return text, err
}

// readEnv sets what the environment says. A variable that is set but empty
// counts as not set: compose files pass those on.
func (l *loader) readEnv(env func(string) (string, bool)) {
	l.layer = fromEnv
	for _, k := range keys {
		if text, _ := env(k.env()); k.plain() && text != "" {
			l.set(k, text, k.env())
		}
	}
}

// readFlags sets what flags say.
func (l *loader) readFlags(flags map[string]string) {
	l.layer = fromFlag
	for path := range flags {
		if !slices.ContainsFunc(keys, func(k key) bool { return k.path == path && k.plain() }) {
			panic("config: no key for the flag " + path)
		}
	}
	for _, k := range keys {
		if text, ok := flags[k.path]; ok {
			l.set(k, text, "--"+strings.NewReplacer("_", "-", ".", "-").Replace(k.path))
		}
	}
}

// set sets one key from one text, a list's elements separated by commas.
func (l *loader) set(k key, text, where string) {
	l.origins[k.path] = origin{layer: l.layer, where: where}
	v := reflect.ValueOf(l.cfg).Elem().FieldByIndex(k.index)
	var err error
	if v.Kind() == reflect.Slice {
		texts := strings.Split(text, ",")
		for i := range texts {
			texts[i] = strings.TrimSpace(texts[i])
		}
		_, err = setList(v, texts)
	} else {
		err = setText(v, k.field.Tag, text)
	}
	if err != nil {
		l.problem(k.path, "%v", err)
	}
}

// finish fills in what follows from the rest.
func (l *loader) finish() {
	c := l.cfg
	if c.Database.Kind == SQLite && c.Database.Path == "" {
		c.Database.Path = filepath.Join(c.DataDir, "tandai.db")
	}
	for i := range c.Clients {
		if !c.Clients[i].Timezone.IsSet() {
			c.Clients[i].Timezone = c.Timezone
		}
	}
	c.from = map[string]string{}
	for path, o := range l.origins {
		c.from[path] = o.where
	}
}

// UnknownEnv returns a sentence for every TANDAI_ variable in environ (as
// os.Environ has it) that is neither a key nor one of also: most likely
// misspelt, and without effect. TANDAI_TEST_ variables belong to the tests.
func UnknownEnv(environ []string, also ...string) []string {
	known := append([]string{EnvFile}, also...)
	fileOnly := map[string]string{}
	for _, k := range keys {
		if k.plain() {
			known = append(known, k.env())
		} else {
			fileOnly[k.env()] = k.path
		}
	}
	var out []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "TANDAI_") || strings.HasPrefix(name, "TANDAI_TEST_") || slices.Contains(known, name) {
			continue
		}
		if path, ok := fileOnly[name]; ok {
			out = append(out, fmt.Sprintf("environment variable %s has no effect; %s can be set in the configuration file alone", name, path))
			continue
		}
		best, _ := nearest(name, known)
		out = append(out, fmt.Sprintf("environment variable %s is not known and has no effect; the nearest is %s", name, best))
	}
	slices.Sort(out)
	return out
}
