package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"
)

type User struct {
	ID    int
	Name  string
	Boss  *User
	Tags  []string
	Since time.Time
	note  any
}

type Color int

const (
	Red Color = iota
	Green
)

type Shop struct {
	users map[int]*User
	open  bool
}

type Pair[K comparable, V any] struct {
	Key K
	Val V
}

type Node struct {
	Value int
	Next  *Node
}

// Visit has one local of every kind and panics at its end.
func (s *Shop) Visit(id int, names ...string) (count int, err error) {
	u := &User{ID: id, Name: "ann", Tags: []string{"a", "b"}, Since: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	u.Boss = &User{ID: 1, Name: "bob"}
	var nobody *User
	var empty map[string]int
	prices := map[string]float64{"tea": 2.5, "coffee": 3}
	ranks := map[int]string{10: "ten", 9: "nine"}
	var shape any = Pair[string, int]{"k", 1}
	body := []byte("hello\n")
	raw := []byte{0, 255, 16}
	wait := 1500 * time.Millisecond
	plain := errors.New("no tea")
	wrapped := fmt.Errorf("serve: %w", plain)
	var notFound error = &fs.PathError{Op: "open", Path: "menu.txt", Err: fs.ErrNotExist}
	ring := &Node{Value: 1}
	ring.Next = &Node{Value: 2, Next: ring}
	grid := [2][2]int{{1, 2}, {3, 4}}
	queue := make(chan int, 3)
	queue <- 5
	color := Green
	double := func(x int) int { return x * id }
	ratio, truth, r := 0.1, true, 'x'
	long := string(make([]byte, 1000))
	many := make([]int, 500)
	for i, name := range names {
		if len(name) > 3 {
			err := errors.New("inner")
			use(err, i)
			count++
			panic(fmt.Sprintf("%s is too long", name))
		}
	}
	later := "not yet"
	use(later)
	use(u, nobody, empty, prices, ranks, shape, body, raw, wait, plain, wrapped, notFound, ring, grid, queue, color, double, ratio, truth, r, long, many)
	return count, nil
}

//go:noinline
func use(...any) {}

// Map is generic: its frame has type arguments.
func Map[T, R any](in []T, f func(T) R) []R {
	var out []R
	for i, v := range in {
		out = append(out, f(v))
		use(i)
	}
	return out
}

func generic() {
	factor := 3
	Map([]int{1, 2}, func(x int) string {
		if x == 2 {
			panic("two")
		}
		return fmt.Sprint(x * factor)
	})
}

func visit() {
	s := &Shop{users: map[int]*User{7: {ID: 7, Name: "eve"}}, open: true}
	s.Visit(42, "al", "bert", "cy")
}

// handler panics in a goroutine of its own, while a deferred function recovers and
// panics again.
func rethrow() {
	step := "first"
	defer func() {
		v := recover()
		step = "second"
		panic(fmt.Sprint("again: ", v))
	}()
	panic(step)
}
