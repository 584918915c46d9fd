package main

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/pastedev/pastedev/inspect/query"
)

// tomlDetail says what is wrong with a settings file, with its lines marked where that is
// known, and what to do.
func tomlDetail(err error) string {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		hint := "pastedev init writes a file with every key"
		if near := query.Nearest(lastKey(&strict.Errors[0]), knownKeys(strict.Errors[0].Key())); near != "" {
			hint = "did you mean " + near + "?"
		}
		return "unknown key\n" + strict.String() + "\nhint: " + hint
	}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		said := strings.TrimPrefix(de.Error(), "toml: ")
		return tomlWords(lastKey(de), said) + "\n" + strings.TrimRight(strings.Replace(de.String(), "~ "+said, "~", 1), "\n")
	}
	return err.Error()
}

func lastKey(de *toml.DecodeError) string {
	if key := de.Key(); len(key) > 0 {
		return key[len(key)-1]
	}
	return ""
}

// wrongType is what the decoder says of a value that does not fit.
var wrongType = regexp.MustCompile(`^cannot decode TOML (.+?) into (?:struct field \S+ of type )?(\S+)$`)

// tomlWords says in the words of settings what the decoder says in those of Go.
func tomlWords(key, said string) string {
	if strings.HasPrefix(said, "time: ") {
		return fmt.Sprintf("%s takes a duration with its unit: \"30s\", \"200ms\"", key)
	}
	m := wrongType.FindStringSubmatch(said)
	if m == nil || key == "" {
		return said
	}
	takes := map[string]string{
		"string": `a text in quotes`, "bool": "true or false", "int": "a whole number", "int64": "a whole number", "float64": "a number",
		"[]string": `a list of texts: ["one", "two"]`, "map[string]string": `a table of texts: { name = "text" }`, "main.duration": `a duration: "30s", "200ms"`,
		"[]main.mountConfig": "blocks, each beneath [[mount]]", "[]main.authConfig": "blocks, each beneath [[auth]]",
	}[m[2]]
	if takes == "" {
		return said
	}
	given := map[string]string{"string": "text", "integer": "number", "float": "number with a fraction", "boolean": "true or false", "array": "list", "inline table": "table"}[m[1]]
	switch {
	case given == "":
		given = m[1]
	case given != "true or false":
		given = "a " + given
	}
	return fmt.Sprintf("%s takes %s, not %s", key, takes, given)
}

// knownKeys lists the keys that may stand where key does.
func knownKeys(key toml.Key) []string {
	of := reflect.TypeFor[config]()
	if len(key) > 1 {
		switch key[0] {
		case "mount":
			of = reflect.TypeFor[mountConfig]()
		case "auth":
			of = reflect.TypeFor[authConfig]()
		}
	}
	var names []string
	for f := range of.Fields() {
		if name := f.Tag.Get("toml"); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
