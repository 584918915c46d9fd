package profile

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	maxText      = 4 << 10          // bytes of a refusal that are read
	fetchTimeout = 20 * time.Second // for an answer after its time: a large heap takes seconds to be written
)

// statusError is an answer that is no profile.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string {
	text := strings.TrimSpace(e.text)
	if text == "" {
		text = http.StatusText(e.status)
	}
	return fmt.Sprintf("%d %s", e.status, text)
}

// Is makes every answer that says so ErrBusy: 409 is that of the instrumented build, the
// texts are those of net/http/pprof.
func (e *statusError) Is(target error) bool {
	if target != ErrBusy {
		return false
	}
	return e.status == http.StatusConflict || e.status >= 500 &&
		(strings.Contains(e.text, "Could not enable CPU profiling") || strings.Contains(e.text, "Could not enable tracing"))
}

// readAnswer reads a whole answer, at most maxData, and closes it.
func readAnswer(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, refusal(resp)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxData+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxData {
		return nil, fmt.Errorf("the answer has more than %d MB", maxData>>20)
	}
	return b, nil
}

func refusal(resp *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxText)) // what there is of it
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
		text = nil // a page of the app's
	}
	return &statusError{resp.StatusCode, string(bytes.ToValidUTF8(text, nil))}
}

// answer is what a request came to that runs beside its caller.
type answer struct {
	data []byte
	note string
	err  error
}

// fetchAside sends a request and reads its answer in a goroutine that ends with ctx at the
// latest. It is waited for by receiving from the channel.
func fetchAside(ctx context.Context, send func(ctx context.Context) (*http.Response, error)) <-chan answer {
	done := make(chan answer, 1)
	go func() {
		resp, err := send(ctx)
		if err != nil {
			done <- answer{err: err}
			return
		}
		data, err := readAnswer(resp)
		done <- answer{data: data, err: err}
	}()
	return done
}
