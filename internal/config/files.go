package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
)

// fileSuffix ends the keys that name a file with another key's value.
const fileSuffix = "_file"

// readFiles reads the files of the `…_file` keys into the keys they stand for.
func (l *loader) readFiles() {
	cfg := reflect.ValueOf(l.cfg).Elem()
	l.readFilesOf(cfg, "")
}

// readFilesOf does so for the struct v at path and everything below it.
func (l *loader) readFilesOf(v reflect.Value, path string) {
	t := v.Type()
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("yaml")
		at := join(path, name)
		switch {
		case name == "":
		case isStruct(t.Field(i).Type):
			l.readFilesOf(v.Field(i), at)
		case isStructs(t.Field(i).Type):
			for n := range v.Field(i).Len() {
				l.readFilesOf(v.Field(i).Index(n), fmt.Sprintf("%s[%d]", at, n))
			}
		case strings.HasSuffix(name, fileSuffix):
			value, ok := fieldNamed(t, strings.TrimSuffix(name, fileSuffix))
			if !ok {
				panic("config: " + at + " stands for no key")
			}
			l.readFile(v.Field(value), v.Field(i), strings.TrimSuffix(at, fileSuffix), at)
		}
	}
}

// readFile sets value, the setting at key, from the file or files that the
// setting at fileKey names. Of the two the later layer wins; both in one are a
// mistake.
func (l *loader) readFile(value, file reflect.Value, key, fileKey string) {
	if file.IsZero() {
		return
	}
	valueAt, fileAt := l.origins[key], l.origins[fileKey]
	set := !value.IsZero() && valueAt.layer != fromDefault
	if set && valueAt.layer > fileAt.layer {
		file.SetZero()
		return
	}
	if set && valueAt.layer == fileAt.layer {
		l.problem(fileKey, "%s is given too; want one of the two", valueAt.in(key))
		return
	}
	l.origins[key] = fileAt
	paths, many := file.Interface().([]string)
	if !many {
		paths = []string{file.String()}
	}
	var lines []string
	for _, path := range paths {
		text, err := secretFile(path)
		if err != nil {
			l.problem(fileKey, "%v", err)
			return
		}
		if !many {
			lines = append(lines, text)
			continue
		}
		lines = append(lines, strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })...)
	}
	var err error
	if many {
		_, err = setList(value, lines)
	} else {
		err = setText(value, "", lines[0])
	}
	if err != nil {
		l.problem(fileKey, "in the file %s: %v", strings.Join(paths, ", "), err)
	}
}

// secretFile reads a file and drops the line break at its end.
func secretFile(path string) (string, error) {
	text, err := readLimited(path)
	var pathErr *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the file %s does not exist", path)
	case errors.Is(err, os.ErrPermission):
		return "", fmt.Errorf("the file %s may not be read by this user", path)
	case errors.As(err, &pathErr):
		return "", fmt.Errorf("the file %s cannot be read: %w", path, pathErr.Err)
	case err != nil:
		return "", err
	}
	s := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if strings.TrimSpace(s) == "" {
		return "", fmt.Errorf("the file %s is empty", path)
	}
	return s, nil
}

// warnReadable warns where the file itself holds a secret and every user of
// the machine can read it.
func (l *loader) warnReadable() {
	info, err := os.Stat(l.cfg.file)
	if err == nil && info.Mode().Perm()&0o004 != 0 && holdsSecret(reflect.ValueOf(*l.cfg)) {
		l.cfg.warnings = append(l.cfg.warnings, l.cfg.file+" holds secrets and every user of this machine can read it; chmod 600, or use the …_file keys")
	}
}

// holdsSecret reports whether a secret is set anywhere in v.
func holdsSecret(v reflect.Value) bool {
	switch x := v.Interface().(type) {
	case Secret:
		return x.IsSet()
	case Zone:
		return false
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && holdsSecret(v.Field(i)) {
				return true
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if holdsSecret(v.Index(i)) {
				return true
			}
		}
	}
	return false
}
