package overlay_test

import (
	"testing"
)

func TestInsideARequest(t *testing.T) {
	for _, version := range toolchains {
		t.Run(version, func(t *testing.T) {
			program := buildServer(t, version, nil)
			g := serve(t, program, targetConfig{})
			for i, path := range []string{"/hello", "/logs", "/sql", "/calls", "/recovered", "/internal", "/prints?n=4&key=k", "/badvalue", "/child", "/tracedump"} {
				a := g.ask(path, id(i+1))
				t.Logf("%s %+v", path, a)
				if path == "/hello" || path == "/internal" || path == "/child" || path == "/tracedump" {
					continue
				}
				t.Log(show(g.of(id(i + 1))))
			}
		})
	}
}
