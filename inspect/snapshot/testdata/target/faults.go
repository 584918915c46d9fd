package main

import (
	"errors"
	"io"
)

type Service struct {
	db    *DB
	cache map[string]int
	items []string
	log   io.Writer
	hook  func() int
}

type DB struct {
	Name string
	next *DB
}

// Find may be called on nil: only the name is not there then.
func (d *DB) Find(key string) *User {
	if key == "" {
		return nil
	}
	return &User{Name: d.Name}
}

func load(key string) (*User, error) { return nil, errors.New("no such user") }

func find(users map[string]*User, key string) *User { return users[key] }

func greet(u *User) string {
	return "hello " + u.Name // nil argument
}

func (s *Service) query(key string) *User {
	return s.db.Find(key) // Find dereferences
}

func (s *Service) name() string {
	return s.db.Name // nil field
}

var cases = map[string]func(){
	"visit":   visit,
	"generic": generic,
	"rethrow": rethrow,
	"argument": func() {
		greet(nil)
	},
	"entry": func() {
		users, id := map[string]*User{"a": {}}, "b"
		u := users[id]
		use(u.Name, id)
	},
	"result": func() {
		users := map[string]*User{}
		u := find(users, "x")
		use(u.Name)
	},
	"inline": func() {
		users, id := map[string]*User{"a": {}}, "b"
		use(users[id].Name)
	},
	"field":    func() { (&Service{}).name() },
	"chain":    func() { (&Service{}).chain() },
	"receiver": func() { (&Service{}).query("k") },
	"method": func() {
		s := &Service{}
		s.log.Write(nil)
	},
	"func": func() {
		s := &Service{}
		use(s.hook())
	},
	"call": func() {
		d := &DB{}
		use(d.Find("").Name)
	},
	"short": func() {
		var a, b *User
		use(a != nil && a.ID > 0, b.ID)
	},
	"both": func() {
		var a, b *User
		use(a.ID + b.ID)
	},
	"store": func() {
		var u *User
		u.Name = "x"
	},
	"nilmap": func() {
		s := &Service{}
		s.cache["hits"]++
	},
	"index": func() {
		s := &Service{items: []string{"a", "b", "c"}}
		i := 5
		use(s.items[i])
	},
	"constant": func() {
		args := []string{"cmd"}
		use(args[1])
	},
	"slice": func() {
		s, n := "hello", 9
		use(s[2:n])
	},
	"assert": func() {
		var v any = "text"
		use(v.(int))
	},
	"assertnil": func() {
		var v any
		use(v.(int))
	},
	"assertiface": func() {
		var v any = &DB{}
		use(v.(io.Reader))
	},
	"divide": func() {
		total, n := 10, 0
		use(total / n)
	},
	"closed": func() {
		events := make(chan int, 1)
		close(events)
		events <- 1
	},
	"closetwice": func() {
		events := make(chan int, 1)
		close(events)
		close(events)
	},
	"failed": func() {
		u, err := load("x")
		use(err)
		use(u.Name)
	},
	"custom": func() {
		var u *User
		use(u)
		panic("own words")
	},
	"passed":      passed,
	"passedtwice": func() { passOn(nil, "c") },
	"passedresult": func() {
		users := map[string]*User{}
		use(greet(find(users, "x")))
	},
	"passedfar": func() {
		var u *User
		passFar(u)
	},
	"passedtwo": func() {
		var u *User
		use(greet(u), greet(u))
	},
}

func passed() {
	users, id := map[string]*User{"a": {}}, "b"
	u := users[id]
	use(greet(u))
}

func passOn(users map[string]*User, id string) {
	use(greet(users[id]))
}

func (s *Service) chain() {
	head := &DB{Name: "head"}
	use(head.next.next.Name)
}

func passFar(u *User) {
	use(greet(u))
}
