package calltree

import (
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Side is one of the two that are compared: an exchange, or the mean of several.
type Side struct {
	Exchange inspect.ID // of one exchange only
	Route    string
	Build    int
	Count    int           // exchanges; 0 is none, and then there is nothing to compare
	Wall     time.Duration // the mean time in the target
	Spread   time.Duration // its standard deviation; 0 of fewer than three exchanges
	Tree     *inspect.CallTree
	SQL      []Statement
}

// Statement is how often an SQL statement was run per exchange, and how long that took.
type Statement struct {
	Text  string // white space folded, literals as ?
	Verb  string // "SELECT"
	Count float64
	Time  float64 // ns
}

// Of returns the side that exchanges make together: one, or the mean of several. nil
// among them is left out. Build is that of the last.
func Of(exchanges ...*inspect.Exchange) Side {
	var m mean
	for _, ex := range exchanges {
		if ex != nil {
			m.add(ex)
		}
	}
	return m.side()
}

// Wall returns how long ex was in the target: its handler's time where that is known,
// else from the request's end to the response's.
func Wall(ex *inspect.Exchange) time.Duration {
	if t := ex.CallTree; t != nil && len(t.Nodes) > 0 && t.Nodes[0].Total > 0 {
		return t.Nodes[0].Total
	}
	return max(0, (ex.Timing.Wait + ex.Timing.Receive).Duration())
}

// maxStatements bounds the statements of a mean: an app that writes its values into
// them makes ever new ones. Further ones count by their verb alone.
const maxStatements = 200

// mean adds exchanges up. The zero value is empty. It is not safe for concurrent use.
type mean struct {
	last       Side // of the last exchange; Count is of all
	tree       sum
	statements []Statement
	statement  map[string]int

	bytes int // that statements and names take, about

	average, squares float64 // of Wall, by Welford
}

func (m *mean) add(ex *inspect.Exchange) {
	if m.statement == nil {
		m.statement = map[string]int{}
	}
	s := &m.last
	s.Count++
	s.Exchange, s.Route, s.Build = ex.ID, Route(ex.Method, ex.Path), ex.Build
	wall := float64(Wall(ex))
	off := wall - m.average
	m.average += off / float64(s.Count)
	m.squares += off * (wall - m.average)
	if Validate(ex.CallTree) == nil {
		m.tree.add(ex.CallTree)
	}
	for i := range ex.Spans {
		if q := ex.Spans[i].SQL; q != nil && q.Statement != "" && q.Op != inspect.SQLPrepare {
			m.count(q.Statement, float64(ex.Spans[i].Duration))
		}
	}
}

// count adds one call of a statement.
func (m *mean) count(statement string, time float64) {
	text := normal(statement)
	verb, _, _ := strings.Cut(text, " ")
	verb = strings.ToUpper(strings.TrimRight(verb, "(;"))
	i, ok := m.statement[text]
	if !ok && len(m.statements) >= maxStatements {
		text = verb + " …"
		if i, ok = m.statement[text]; !ok && len(m.statements) >= 2*maxStatements {
			return // not SQL
		}
	}
	if !ok {
		text = strings.Clone(text)
		i = len(m.statements)
		m.statement[text] = i
		m.statements = append(m.statements, Statement{Text: text, Verb: strings.Clone(verb)})
		m.bytes += statementBytes + len(text)
	}
	m.statements[i].Count++
	m.statements[i].Time += time
}

// brief returns the mean of what was added, without tree and statements.
func (m *mean) brief() Side {
	s := m.last
	s.Wall = time.Duration(m.average)
	if s.Count > 1 {
		s.Exchange = ""
	}
	if s.Count > 2 {
		s.Spread = time.Duration(math.Sqrt(m.squares / float64(s.Count-1)))
	}
	return s
}

// side returns the mean of what was added.
func (m *mean) side() Side {
	s := m.brief()
	if s.Count == 0 {
		return s
	}
	s.Tree = m.tree.mean()
	for _, st := range m.statements {
		st.Count /= float64(s.Count)
		st.Time /= float64(s.Count)
		s.SQL = append(s.SQL, st)
	}
	return s
}

// maxStatement bounds the text of a statement that is compared.
const maxStatement = 1000 // bytes

// normal returns a statement with its white space folded and its literals, numbers and
// texts in single quotes, as ?: the same statement for another row is the same.
func normal(s string) string {
	if len(s) > maxStatement {
		s = s[:maxStatement]
	}
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if !strings.ContainsAny(s, "'0123456789") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\'':
			b.WriteByte('?')
			i = literalEnd(s, i)
		case c >= '0' && c <= '9' && (i == 0 || !inWord(s[i-1])):
			b.WriteByte('?')
			for i < len(s) && (inWord(s[i]) || s[i] == '.') {
				i++
			}
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// literalEnd returns where the text that begins at i ends; two quotes in it are one.
func literalEnd(s string, i int) int {
	for i++; i < len(s); i++ {
		if s[i] != '\'' {
			continue
		}
		if i+1 == len(s) || s[i+1] != '\'' {
			return i + 1
		}
		i++
	}
	return len(s)
}

// inWord reports whether a digit after c belongs to a name or a placeholder.
func inWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || strings.IndexByte("_$@:\"`", c) >= 0
}

// compared returns what a Comparison says of s.
func (s *Side) compared() inspect.Compared {
	return inspect.Compared{Exchange: s.Exchange, Route: s.Route, Build: s.Build, Count: cmp.Or(s.Count, 1), Wall: inspect.Millis(s.Wall)}
}
