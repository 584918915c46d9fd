package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// An exchange goes when its time has come, though nothing else happens.
func TestIdleStoreForgetsByAge(t *testing.T) {
	for _, onDisk := range []bool{false, true} {
		name := "memory"
		if onDisk {
			name = "file"
		}
		dir := t.TempDir()
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := Options{MaxAge: time.Hour}
				if onDisk {
					o.Path = filepath.Join(dir, "history.db")
				}
				s, err := Open(o)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				open := sample(9)
				open.ID, open.Start = idOf(9), time.Now()
				s.Publish(inspect.ExchangeStarted{Exchange: open.Summary})
				for i := range 3 { // at 0, 20 and 40 minutes
					ex := sample(i)
					ex.ID, ex.Start = idOf(i), time.Now()
					s.Publish(inspect.ExchangeFinished{Exchange: ex})
					time.Sleep(20 * time.Minute)
				}
				for i := range 3 {
					if got := s.Stats().Exchanges; got != 4-i {
						t.Errorf("%v after the first: %d exchanges, want %d", 60*time.Minute+time.Duration(i)*20*time.Minute, got, 4-i)
					}
					time.Sleep(2 * time.Minute)
					if got := s.Stats().Exchanges; got != 3-i {
						t.Errorf("two minutes later: %d exchanges, want %d", got, 3-i)
					}
					if _, err := s.Exchange(context.Background(), idOf(i)); !errors.Is(err, inspect.ErrNotFound) {
						t.Errorf("exchange %d: %v", i, err)
					}
					time.Sleep(18 * time.Minute)
				}
				if onDisk {
					var rows int
					if err := s.file.db.QueryRow("SELECT count(*) FROM details").Scan(&rows); err != nil || rows != 0 {
						t.Errorf("%d rows are left in the file, %v", rows, err)
					}
				}
				if _, err := s.Exchange(context.Background(), idOf(9)); err != nil {
					t.Errorf("the one in flight: %v", err)
				}
			})
		})
	}
}

func TestExpiryWait(t *testing.T) {
	const week = 7 * 24 * time.Hour
	tests := []struct{ left, age, want time.Duration }{
		{week, week, time.Hour},
		{30 * time.Minute, week, 40 * time.Minute},
		{0, week, 10 * time.Minute},
		{-time.Hour, week, 10 * time.Minute},
		{0, time.Second, time.Second},
		{32 * time.Minute, 64 * time.Minute, 33 * time.Minute},
	}
	for _, tt := range tests {
		if got := expiryWait(tt.left, tt.age); got != tt.want {
			t.Errorf("%v left of %v: %v, want %v", tt.left, tt.age, got, tt.want)
		}
	}
}
