package sqlstore

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// queries holds every statement that is not DDL, one file each, named
// <table>.<verb>.sql. They are written once for both engines, with '?' for
// parameters and five marks, each a comment to an engine that meets it:
//
//	VALUES (?, ?) /*rows*/        repeated for as many rows as are written
//	IN (?) /*list*/               as many parameters as the list is long
//	/*keys col*/                  (session = ? AND col IN (…)) OR …, for Keys
//	/*upsert k1, k2: a, b*/       overwrite a and b where the key is taken;
//	                              a + new.a reckons with the row that was to be written
//	FROM t /*index i*/            no other index (PRIMARY = the primary key)
//
// Text in /*! … */ is MySQL's and MariaDB's own: SQLite takes it for a comment.
//
//go:embed query/*.sql
var queryFiles embed.FS

var upsertMark = regexp.MustCompile(`/\*upsert ([^:*]+):([^*]*)\*/`)
var indexMark = regexp.MustCompile(`/\*index (\w+)\*/`)
var keysMark = regexp.MustCompile(`/\*keys (\w+)\*/`)

// Queries reads all statements in the dialect of d, by file name without .sql.
func Queries(d Dialect) (map[string]string, error) {
	all := map[string]string{}
	err := fs.WalkDir(queryFiles, "query", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := queryFiles.ReadFile(path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(entry.Name(), ".sql")
		all[name] = upsertMark.ReplaceAllStringFunc(strings.TrimSpace(string(text)), func(mark string) string {
			m := upsertMark.FindStringSubmatch(mark)
			return d.Upsert(fields(m[1]), fields(m[2]))
		})
		all[name] = indexMark.ReplaceAllStringFunc(all[name], func(mark string) string {
			return d.Index(indexMark.FindStringSubmatch(mark)[1])
		})
		return nil
	})
	return all, err
}

func fields(list string) []string {
	var out []string
	for f := range strings.SplitSeq(list, ",") {
		if f = strings.TrimSpace(f); f != "" {
			out = append(out, f)
		}
	}
	return out
}

// rows repeats the tuple before the rows mark n times.
func rows(query string, n int) string {
	end := strings.Index(query, "/*rows*/")
	if end < 0 {
		panic(fmt.Sprintf("sqlstore: no rows mark in %q", query))
	}
	open := strings.LastIndex(query[:end], "(")
	tuple := strings.TrimSpace(query[open:end])
	return query[:open] + tuple + strings.Repeat(", "+tuple, n-1) + query[end+len("/*rows*/"):]
}

// list makes the one parameter before the list mark n parameters.
func list(query string, n int) string {
	return strings.Replace(query, "(?) /*list*/", "("+params(n)+")", 1)
}

func params(n int) string { return "?" + strings.Repeat(", ?", n-1) }

// Keys are values (leads, labels, hidden ids) by session.
type Keys map[string][]string

// keys writes the condition of a keys mark and its arguments.
func keys(query string, k Keys) (string, []any) {
	var args []any
	text := keysMark.ReplaceAllStringFunc(query, func(mark string) string {
		col := keysMark.FindStringSubmatch(mark)[1]
		var b strings.Builder
		for _, session := range sorted(k) {
			if b.Len() > 0 {
				b.WriteString(" OR ")
			}
			fmt.Fprintf(&b, "(session = ? AND %s IN (%s))", col, params(len(k[session])))
			args = append(args, session)
			for _, v := range k[session] {
				args = append(args, v)
			}
		}
		return b.String()
	})
	return text, args
}

// Preparable is the statement as it is when every list has one member: what a
// test prepares on both engines.
func Preparable(query string) string {
	query = strings.ReplaceAll(strings.ReplaceAll(query, "/*rows*/", ""), "/*list*/", "")
	return keysMark.ReplaceAllString(query, "(session = ? AND $1 IN (?))")
}
