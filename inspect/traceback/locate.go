package traceback

import "github.com/pastedev/pastedev/inspect"

// Locate returns the innermost place in frames that is the app's own, else the
// innermost of all; nil when there is none. It completes the frames that it looks at.
func (r Roots) Locate(frames []inspect.Frame, language string) *inspect.Location {
	for i := range frames {
		if r.classify(&frames[i], language); frames[i].Origin == inspect.FrameApp {
			return &frames[i].Location
		}
	}
	if len(frames) == 0 {
		return nil
	}
	return &frames[0].Location
}
