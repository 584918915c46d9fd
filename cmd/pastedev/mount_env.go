package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/reloader"
)

// environment reads the key env of a mount: a table, { NAME = "value" }, or a list of
// "NAME=value" and, of what is to be passed on, "NAME". Both become such a list.
func (m mountConfig) environment() ([]string, error) {
	var list []string
	switch env := m.Env.(type) {
	case nil:
		return nil, nil
	case []string:
		list = env
	case []any:
		for _, v := range env {
			text, ok := v.(string)
			if !ok {
				return nil, m.wrongEnv(fmt.Sprint(v))
			}
			list = append(list, text)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(env)) {
			switch v := env[name].(type) {
			case string, int64, bool:
				if strings.Contains(name, "=") {
					return nil, m.wrongEnv(name)
				}
				list = append(list, fmt.Sprintf("%s=%v", name, v))
			default:
				return nil, m.wrongEnv(name)
			}
		}
	default:
		return nil, m.wrongEnv(fmt.Sprint(env))
	}
	for _, e := range list {
		if name, _, _ := strings.Cut(e, "="); name == "" || strings.ContainsAny(name, " \t\r\n") || strings.Contains(e, "\x00") {
			return nil, m.wrongEnv(e)
		}
	}
	return list, nil
}

// wrongEnv is the error for what cannot be a variable. It tells no value.
func (m mountConfig) wrongEnv(entry string) error {
	name, _, _ := strings.Cut(entry, "=")
	return m.wrong("env", "env holds %q\nhint: env = { NAME = \"value\" }, or [\"NAME=value\", \"NAME\"], which passes on pastedev's own NAME", oneLine(name))
}

// splitEnv divides entries into the names that are passed on and those with a value.
func splitEnv(entries []string) (names, values []string) {
	for _, e := range entries {
		if strings.Contains(e, "=") {
			values = append(values, e)
		} else {
			names = append(names, e)
		}
	}
	return names, values
}

// envNames lists what a mount's env and env_file name: no value is for the screen.
func (s mountSpec) envNames() ([]string, error) {
	var names []string
	if s.EnvFile != "" {
		of, err := reloader.EnvFileNames(reloader.Absolute(s.dir, s.EnvFile))
		if err != nil {
			return nil, usagef("mount %q: env_file: %v", s.Path, err)
		}
		names = of
	}
	for _, e := range s.env {
		name, _, _ := strings.Cut(e, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// checkEnv refuses a variable that a command cannot have, and a file that cannot be read.
func (s mountSpec) checkEnv(target reloader.Target, agent bool) error {
	if _, err := s.envNames(); err != nil {
		return err
	}
	_, values := splitEnv(s.env)
	for _, e := range values {
		if name, value, _ := strings.Cut(e, "="); name == "PORT" && (target.Kind == reloader.TargetCommand || !agent) {
			return s.wrong("env", "env sets PORT to %s, and a program without the agent gets a free one there\n"+
				"hint: leave PORT out; the program listens at the one that it is given", value)
		}
	}
	return nil
}
