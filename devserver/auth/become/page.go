package become

import (
	"bytes"
	_ "embed"
	"fmt"
	"hash/fnv"
	"html/template"
	"net/http"
	"strings"
	"unicode"

	"github.com/pastedev/pastedev/devserver/auth/internal/login"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("become").Parse(pageHTML))

const (
	// filterFrom is how many users there must be for the page to have a filter.
	filterFrom = 9
	// hues is how many colours the page has for users.
	hues = 8
)

// pageUser is a user as the page shows it.
type pageUser struct {
	User
	Initials string
	Hue      int  // 0 to hues-1, always the same for a name
	Current  bool // picked now
	Key      int  // the digit that picks; 0 for none
}

// pageData is what the template draws.
type pageData struct {
	Nonce, Action, Token, Back string
	Users                      []pageUser
	Current                    *pageUser
	Filter                     bool
	Hint                       string
}

// page sends the page.
func (p *Picker) page(w http.ResponseWriter, r *http.Request) {
	d := pageData{Nonce: login.Nonce(), Action: p.action(r), Token: p.form().Make(w, r), Back: login.Back(r.URL.Query().Get("back")),
		Hint: p.Hint}
	current, _ := p.Current(r)
	seen := map[string]bool{"": true}
	for _, u := range p.Users {
		if seen[u.Name] {
			continue
		}
		seen[u.Name] = true
		one := pageUser{User: u, Initials: initials(u.Name), Hue: hue(u.Name), Current: u.Name == current.Name}
		if n := len(d.Users) + 1; n <= 9 {
			one.Key = n
		}
		if one.Current {
			d.Current = &one
		}
		d.Users = append(d.Users, one)
	}
	d.Filter = len(d.Users) >= filterFrom
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, d); err != nil { // the template is ours, and a buffer takes everything
		http.Error(w, "the page cannot be drawn: "+err.Error(), http.StatusInternalServerError)
		return
	}
	login.SecurePage(w.Header(), d.Nonce)
	w.Header().Set("Content-Length", fmt.Sprint(b.Len()))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes()) // a client that has gone needs no page
	}
}

// initials returns the first letters of a name's first and last word, at most two.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	if len(words) == 0 {
		return "?"
	}
	s := string([]rune(words[0])[:1])
	if len(words) > 1 && !strings.Contains(name, "@") {
		s += string([]rune(words[len(words)-1])[:1])
	}
	return strings.ToUpper(s)
}

func hue(name string) int {
	h := fnv.New32a()
	h.Write([]byte(name))
	return int(h.Sum32() % hues)
}
