package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/nu"
)

// vnuBatch is how many documents one run of vnu is given: it starts in two seconds, and
// keeps all messages in memory until it ends.
const vnuBatch = 400

// rawMessage is [line, column, end line, end column, severity, message]; lines and columns
// from 1, columns in UTF-16 code units. The severity "fatal" says that vnu itself failed.
type rawMessage [6]any

// loadTruth returns what vnu says about each document, from the file, from vnu or both.
func loadTruth(ctx context.Context, o *options, paths []string) (map[string][]message, error) {
	raw := map[string][]rawMessage{}
	if o.truth != "" {
		err := readTruth(o.truth, raw)
		if err != nil && (o.vnu == "" || !errors.Is(err, fs.ErrNotExist)) {
			return nil, err
		}
	}
	var unknown []string
	for _, p := range paths {
		if _, ok := raw[p]; !ok {
			unknown = append(unknown, p)
		}
	}
	if o.vnu != "" && len(unknown) > 0 {
		if err := askVnu(ctx, o.vnu, unknown, raw); err != nil {
			return nil, err
		}
		if o.truth != "" {
			if err := writeTruth(o.truth, raw); err != nil {
				return nil, err
			}
		}
	}
	truth := make(map[string][]message, len(raw))
	for path, list := range raw {
		if ms, ok := judged(list); ok {
			truth[path] = ms
		}
	}
	return truth, nil
}

// judged turns vnu's messages into ours; not ok when vnu did not finish.
func judged(list []rawMessage) ([]message, bool) {
	ms := make([]message, 0, len(list))
	for _, r := range list {
		severity, _ := r[4].(string)
		if severity == "fatal" {
			return nil, false
		}
		text, _ := r[5].(string)
		line, _ := r[0].(float64)
		end, _ := r[2].(float64)
		ms = append(ms, message{nu.Family(text), inspect.Severity(severity), int(line), int(end), text})
	}
	return ms, true
}

func readTruth(name string, into map[string][]rawMessage) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		path, list, ok := strings.Cut(s.Text(), "\t")
		var ms []rawMessage
		if !ok {
			return fmt.Errorf("%s: a line without a tab", name)
		}
		if err := json.Unmarshal([]byte(list), &ms); err != nil {
			return fmt.Errorf("%s: %s: %w", name, path, err)
		}
		into[path] = ms
	}
	return s.Err()
}

func writeTruth(name string, raw map[string][]rawMessage) error {
	var b bytes.Buffer
	for _, path := range sortedKeys(raw) {
		list, err := json.Marshal(raw[path])
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s\t%s\n", path, list)
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// askVnu runs vnu over the documents. One that makes vnu crash has a fatal message.
func askVnu(ctx context.Context, jar string, paths []string, into map[string][]rawMessage) error {
	show := progress("vnu", len(paths))
	done := 0
	var todo [][]string
	for part := range slices.Chunk(paths, vnuBatch) {
		todo = append(todo, part)
	}
	for len(todo) > 0 {
		part := todo[0]
		todo = todo[1:]
		answer, err := runVnu(ctx, jar, part)
		switch {
		case err == nil:
			maps.Copy(into, answer)
		case ctx.Err() != nil:
			return ctx.Err()
		case len(part) > 1:
			todo = append(todo, part[:len(part)/2], part[len(part)/2:])
			continue
		default:
			into[part[0]] = []rawMessage{{0.0, 0.0, 0.0, 0.0, "fatal", err.Error()}}
		}
		done += len(part)
		show(done)
	}
	return nil
}

// runVnu runs vnu once.
func runVnu(ctx context.Context, jar string, paths []string) (map[string][]rawMessage, error) {
	args := append([]string{"-Xss16m", "-Xmx2g", "-jar", jar, "--format", "json", "--exit-zero-always", "--no-stream"}, paths...)
	cmd := exec.CommandContext(ctx, "java", args...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	answer := make(map[string][]rawMessage, len(paths))
	for _, p := range paths {
		answer[p] = []rawMessage{}
	}
	if e := readReport(errOut.Bytes(), out.Bytes(), answer); e != nil {
		return nil, fmt.Errorf("vnu: %w", errors.Join(e, err))
	}
	return answer, nil
}

// readReport reads vnu's JSON, which it writes to one stream or the other.
func readReport(a, b []byte, into map[string][]rawMessage) error {
	text := a
	at := bytes.Index(text, []byte(`{"`))
	if at < 0 {
		text = b
		at = bytes.Index(text, []byte(`{"`))
	}
	if at < 0 {
		return fmt.Errorf("no report: %.200s%.200s", a, b)
	}
	text = text[at:]
	var report struct {
		Messages []struct {
			Type, SubType, Message, URL                  string
			FirstLine, FirstColumn, LastLine, LastColumn int
		}
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&report); err != nil {
		return err
	}
	for _, m := range report.Messages {
		severity := m.Type
		switch {
		case m.Type == "info" && m.SubType == "warning":
			severity = "warning"
		case m.Type == "non-document-error":
			severity = "fatal"
		}
		if m.FirstLine == 0 {
			m.FirstLine = m.LastLine
		}
		if m.FirstColumn == 0 {
			m.FirstColumn = m.LastColumn
		}
		path := filePath(m.URL)
		into[path] = append(into[path], rawMessage{
			float64(m.FirstLine), float64(m.FirstColumn), float64(m.LastLine), float64(m.LastColumn), severity, m.Message,
		})
	}
	return nil
}

func filePath(u string) string {
	name, ok := strings.CutPrefix(u, "file:")
	if !ok {
		return u
	}
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}
