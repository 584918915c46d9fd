package aria

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// names judges whether what needs a name has one.
func (a *access) names(n *parse.Node, role string) {
	switch role {
	case "button", "link", "menuitem", "tab", "option", "checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio":
		if !isControl(n) && !a.hasName(n) {
			a.warn(n, "a11y/no-name", n.Span, secRole, fmt.Sprintf("an element with the role %q needs a name: write text in it, or an aria-label", role))
		}
		return
	case "img", "graphics-document":
		if n.Space != parse.HTML || n.Name != "img" {
			a.picture(n, role)
		}
		return
	case "dialog", "alertdialog":
		a.dialog(n)
		return
	case "none", "presentation":
		return
	}
	if n.Space == parse.HTML {
		a.element(n)
	}
}

// hasName reports whether an element that is named by its contents has a name.
func (a *access) hasName(n *parse.Node) bool { return a.named(n) || a.speaks(n) || a.hasContent(n) }

func (a *access) element(n *parse.Node) {
	switch n.Name {
	case "a":
		if n.Attr("href") != nil && !a.hasName(n) {
			a.warn(n, "a11y/link-name", n.Span, secRole, "the link has no name, so that screen readers read its URL: write text in it, an alt for its image, or an aria-label")
		}
	case "button":
		if !a.hasName(n) {
			a.warn(n, "a11y/button-name", n.Span, secRole, "the button has no name: write text in it, an alt for its image, or an aria-label")
		}
	case "summary":
		if !a.hasName(n) {
			a.warn(n, "a11y/button-name", n.Span, secRole, "the summary is empty: say what it opens")
		}
	case "input", "select", "textarea", "meter", "progress":
		a.control(n)
	case "iframe":
		a.frame(n)
	case "dialog":
		a.dialog(n)
	case "img":
		a.altText(n)
	case "video":
		a.video(n)
	case "h1", "h2", "h3", "h4", "h5", "h6":
		// One without any text is told of as outline/heading-empty.
		if !a.hasName(n) && hasText(n) {
			a.warn(n, "a11y/empty-heading", n.Span, secInfo, "the text of the heading is hidden from screen readers: readers who go from heading to heading find nothing here")
		}
	}
}

// control judges whether a control has a name.
func (a *access) control(n *parse.Node) {
	if !isControl(n) || a.named(n) || !blank(n, "placeholder") || n.Attr("disabled") != nil {
		return
	}
	if n.Name == "input" {
		switch inputType(n) {
		case "submit", "reset":
			if v := n.Attr("value"); v == nil || strings.TrimSpace(v.Value) != "" {
				return
			}
		case "button":
			if !blank(n, "value") {
				return
			}
		case "image": // the alt is asked for by the standard
			return
		}
	}
	label := a.label(n)
	switch {
	case label == nil && a.page.Fragment && n.Attr("id") != nil: // the label may be elsewhere
	case label == nil && n.Name == "input" && isPush(inputType(n)):
		a.warn(n, "a11y/control-name", n.Span, secRole, fmt.Sprintf("the input of type %q has no text: say in value what it does", inputType(n)))
	case label == nil:
		a.warn(n, "a11y/control-name", n.Span, secRole, fmt.Sprintf(
			"the %s has no label: put it into a label element with text, or name it by for, aria-label or aria-labelledby", controlName(n)))
	case !a.named(label) && !a.hasContent(label):
		a.warn(label, "a11y/empty-label", label.Span, secRole, fmt.Sprintf("the label of the %s has no text: say what is asked for", controlName(n)))
	}
}

// isPush reports whether inputs of a type are buttons that show their value.
func isPush(typ string) bool { return typ == "submit" || typ == "reset" || typ == "button" }

// hasText reports whether there is text in an element, shown or not.
func hasText(n *parse.Node) bool {
	for c := n.FirstChild; c != nil; c = c.Following(n, false) {
		if c.Kind == parse.TextNode && strings.TrimSpace(c.Data) != "" {
			return true
		}
	}
	return false
}

func controlName(n *parse.Node) string {
	if n.Name == "input" {
		return fmt.Sprintf("input of type %q", inputType(n))
	}
	return n.Name
}

// label returns the label of a control: the one around it, or one that names its id.
func (a *access) label(n *parse.Node) *parse.Node {
	if id := n.Attr("id"); id != nil {
		if l := a.ids().labels[id.Value]; l != nil {
			return l
		}
	}
	if len(a.labels) == 0 {
		return nil
	}
	return a.labels[len(a.labels)-1]
}

func (a *access) picture(n *parse.Node, role string) {
	if a.named(n) || a.speaks(n) {
		return
	}
	for c := n.FirstChild; c != nil && n.Space == parse.SVG; c = c.Next {
		if c.Kind == parse.ElementNode && c.Name == "title" && c.FirstChild != nil {
			return
		}
	}
	a.warn(n, "a11y/image-name", n.Span, secText, fmt.Sprintf(
		"an element with the role %q needs a name: give it an aria-label, or hide it with aria-hidden=\"true\" where it is decoration", role))
}

func (a *access) dialog(n *parse.Node) {
	if !a.named(n) {
		a.warn(n, "a11y/dialog-name", n.Span, secRole, "the dialog needs a name: let aria-labelledby refer to its heading, or give it an aria-label")
	}
}

// frame judges whether a frame that users see has a name.
func (a *access) frame(n *parse.Node) {
	for _, size := range [...]string{"width", "height"} {
		if v := n.Attr(size); v != nil && (v.Value == "0" || v.Value == "1") {
			return
		}
	}
	if tab := n.Attr("tabindex"); tab != nil && strings.HasPrefix(tab.Value, "-") || a.named(n) {
		return
	}
	src := n.Attr("src")
	if n.Attr("srcdoc") == nil && (src == nil || src.Value == "" || hasScheme(src.Value, "about") || hasScheme(src.Value, "javascript")) {
		return // a script fills it, or nothing does
	}
	a.warn(n, "a11y/frame-name", n.Span, secRole, "the iframe needs a title that says what it shows")
}

func hasScheme(url, scheme string) bool {
	return len(url) > len(scheme) && url[len(scheme)] == ':' && strings.EqualFold(url[:len(scheme)], scheme)
}

// altText reports text alternatives that are file names.
func (a *access) altText(n *parse.Node) {
	alt := n.Attr("alt")
	if alt == nil {
		return
	}
	v := strings.ToLower(strings.TrimSpace(alt.Value))
	for _, end := range [...]string{".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".avif"} {
		if strings.HasSuffix(v, end) && !strings.ContainsAny(v, space) {
			a.warn(n, "a11y/alt-file-name", valueSpan(alt), secText, "the alt is a file name: say what the image shows, or leave it empty where it is decoration")
			return
		}
	}
}

// video reports a video with sound and no captions.
func (a *access) video(n *parse.Node) {
	if n.Attr("controls") == nil || n.Attr("muted") != nil {
		return
	}
	source := n.Attr("src") != nil
	for c := n.FirstChild; c != nil; c = c.Next {
		switch {
		case c.Is(parse.TagSource):
			source = true
		case c.Is(parse.TagTrack):
			k := c.Attr("kind")
			if k == nil || strings.EqualFold(k.Value, "captions") || strings.EqualFold(k.Value, "subtitles") {
				return
			}
		}
	}
	if source {
		a.warn(n, "a11y/video-captions", n.Span, secCaptions, "the video has no captions: add a <track kind=\"captions\">, or muted where it has no sound")
	}
}
