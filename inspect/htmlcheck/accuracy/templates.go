package main

import (
	"fmt"
	"io"
	"regexp"
	"sort"
)

// values are what is quoted in a message, and its numbers.
var (
	quoted  = regexp.MustCompile(`(?s)“.*?”`)
	numbers = regexp.MustCompile(`[0-9]+`)
)

// listTemplates writes each distinct wording of vnu's errors with the family it is put in,
// the number of documents that have it, and the number of messages.
func listTemplates(out io.Writer, truth map[string][]message, paths []string) error {
	type row struct {
		key            string
		docs, messages int
	}
	rows := map[string]*row{}
	for _, p := range paths {
		seen := map[string]bool{}
		for _, m := range truth[p] {
			key := fmt.Sprintf("%-13s %-7s %s", m.family, m.severity, numbers.ReplaceAllString(quoted.ReplaceAllString(m.text, "“”"), "N"))
			r := rows[key]
			if r == nil {
				r = &row{key: key}
				rows[key] = r
			}
			r.messages++
			if !seen[key] {
				r.docs++
			}
			seen[key] = true
		}
	}
	list := make([]*row, 0, len(rows))
	for _, r := range rows {
		list = append(list, r)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].key < list[j].key })
	for _, r := range list {
		if _, err := fmt.Fprintf(out, "%5d %6d  %s\n", r.docs, r.messages, r.key); err != nil {
			return err
		}
	}
	return nil
}
