package profile

import (
	"strings"

	pb "github.com/google/pprof/profile"
)

// ours are the beginnings of the names of functions that pastedev has put into the
// program, or that profile it: whatever is beneath them on a stack would not be done
// without. What pastedev has wrapped around calls of the program's is not among them.
var ours = [...]string{
	"net/http.pastedev",        // the begin and end of an exchange, and answers to pastedev
	"net/http.(*pastedevAsked", // the same
	"internal/syscall.",        // the agent; the package has no functions else
	"runtime.pastedev",
	"runtime.Pastedev",
	"runtime/pprof.pastedev",
	"runtime/pprof.Pastedev",
	"net/http/pprof.",
}

// withoutOwn returns p without what pastedev itself did in the program, and how many
// samples these were.
func withoutOwn(p *pb.Profile) (rest *pb.Profile, own int64) {
	rest, _, own = cut(p, func(s *pb.Sample) bool {
		for f := range frames(s) {
			for _, prefix := range ours {
				if strings.HasPrefix(f.name, prefix) {
					return false
				}
			}
		}
		return true
	})
	return rest, own
}
