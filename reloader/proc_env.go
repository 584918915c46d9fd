package reloader

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/joho/godotenv"
)

// readEnvFile reads a .env file into "KEY=value" entries. An error names the line
// at which it stops making sense.
func readEnvFile(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, hinted(fmt.Errorf("read %s: no such file", path), "--env-file, or env_file in the settings, names it")
		}
		return nil, err
	}
	values, err := godotenv.UnmarshalBytes(data)
	if err != nil {
		return nil, fmt.Errorf("read %s:%d: not KEY=value: %s", path, badEnvLine(data), clip(err.Error(), 120))
	}
	entries := make([]string, 0, len(values))
	for key, value := range values {
		entries = append(entries, key+"="+value)
	}
	return entries, nil
}

// EnvFileNames lists the variables that a .env file sets. Its errors are those of a start
// with that file.
func EnvFileNames(path string) ([]string, error) {
	entries, err := readEnvFile(path)
	for i, e := range entries {
		entries[i], _, _ = strings.Cut(e, "=")
	}
	slices.Sort(entries)
	return entries, err
}

// badEnvLine finds the 1-based line after the longest head of the file that can be
// read: the parser's errors name no line.
func badEnvLine(data []byte) int {
	lines := strings.SplitAfter(string(data), "\n")
	for n := len(lines) - 1; n > 0; n-- {
		if _, err := godotenv.Unmarshal(strings.Join(lines[:n], "")); err == nil {
			return n + 1
		}
	}
	return 1
}

// joinEnv puts entries over base: of one name the last counts, as exec does it.
func joinEnv(base []string, entries ...string) []string {
	return append(base[:len(base):len(base)], entries...)
}

// lookupEnv returns the last value of the name, or "".
func lookupEnv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(env[i], name+"="); ok {
			return value
		}
	}
	return ""
}
