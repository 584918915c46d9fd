package overlay

// callTree is what users lose without the first hook of that name.
const callTree = "the call tree of a request"

// callTreeHooks record what a request calls. The trees are where goroutines are told
// apart, since what a goroutine starts belongs under it; these hooks tie them to the
// agent, and add what is no function of the user's.
func callTreeHooks() []Hook {
	return []Hook{parkHook(), textTemplateHook(), htmlTemplateHook(), jsonHook(), json2Hook()}
}

// parkHook times how long a goroutine is parked, when it has a tree.
func parkHook() Hook {
	return Hook{
		Name: "calltree", Feature: callTree, Package: "runtime", Needs: attribution,
		Edits: []Edit{{
			Anchor: "gopark",
			Want:   "func(unlockf func(*g, unsafe.Pointer) bool, lock unsafe.Pointer, reason waitReason, traceReason traceBlockReason, traceskip int)",
			Change: around("mcall(park_m)",
				"pastedevSince := int64(0); if gp.pastedev.tree != nil { pastedevSince = pastedevTicks() }; ",
				"; if pastedevSince != 0 { pastedevParked(gp, pastedevSince, reason) }"),
		}},
		Files: []string{"agent/calltree.go"},
	}
}

func textTemplateHook() Hook {
	return Hook{
		Name: "calltree", Feature: "text/template in the call tree", Package: "text/template", Needs: callTree,
		Edits: []Edit{{
			Anchor: "(*Template).Execute",
			Want:   "func(wr io.Writer, data any) error",
			Change: begin("defer pastedevLeaf(t).Leave();"),
		}},
		Files: []string{"text/template/pastedev_template.go"},
	}
}

func htmlTemplateHook() Hook {
	return Hook{
		Name: "calltree", Feature: "html/template in the call tree", Package: "html/template", Needs: callTree,
		Edits: []Edit{
			{
				Anchor: "(*Template).Execute",
				Want:   "func(wr io.Writer, data any) error",
				Change: begin("defer pastedevLeaf(t).Leave();"),
			},
			{
				Anchor: "(*Template).ExecuteTemplate",
				Want:   "func(wr io.Writer, name string, data any) error",
				Change: begin("defer pastedevNamed(name).Leave();"),
			},
		},
		Files: []string{"html/template/pastedev_template.go"},
	}
}

// json2 is the tag of builds in which encoding/json is made from encoding/json/v2: those
// of Go 1.27, and of others when asked. Both are prepared.
const json2 = "goexperiment.jsonv2"

func jsonHook() Hook {
	h := Hook{
		Name: "calltree", Feature: "encoding/json in the call tree", Package: "encoding/json", Needs: callTree,
		Files: []string{"encoding/json/pastedev_json.go"},
	}
	for _, tag := range []string{"!" + json2, json2} {
		for _, f := range []struct{ anchor, want, name string }{
			{"Marshal", "func(v any) ([]byte, error)", "json.Marshal"},
			{"Unmarshal", "func(data []byte, v any) error", "json.Unmarshal"},
			{"(*Encoder).Encode", "func(v any) error", "json.Encoder.Encode"},
			{"(*Decoder).Decode", "func(v any) error", "json.Decoder.Decode"},
		} {
			h.Edits = append(h.Edits, leafEdit(tag, f.anchor, f.want, f.name))
		}
	}
	return h
}

func json2Hook() Hook {
	h := Hook{
		Name: "calltree", Feature: "encoding/json/v2 in the call tree", Package: "encoding/json/v2", Needs: callTree,
		Files: []string{"encoding/json/v2/pastedev_json.go"},
	}
	for _, f := range []struct{ name, want string }{
		{"Marshal", "func(in any, opts ...Options) (out []byte, err error)"},
		{"MarshalWrite", "func(out io.Writer, in any, opts ...Options) (err error)"},
		{"MarshalEncode", "func(out *jsontext.Encoder, in any, opts ...Options) (err error)"},
		{"Unmarshal", "func(in []byte, out any, opts ...Options) (err error)"},
		{"UnmarshalRead", "func(in io.Reader, out any, opts ...Options) (err error)"},
		{"UnmarshalDecode", "func(in *jsontext.Decoder, out any, opts ...Options) (err error)"},
	} {
		h.Edits = append(h.Edits, leafEdit(json2, f.name, f.want, "json."+f.name))
	}
	return h
}

func leafEdit(tag, anchor, want, name string) Edit {
	return Edit{Anchor: anchor, Want: want, Tag: tag, Change: begin(`defer pastedevLeaf("` + name + `").Leave();`)}
}
