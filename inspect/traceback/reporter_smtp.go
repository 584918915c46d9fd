package traceback

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
)

// SMTP mails each report: multipart/alternative, the text first, the error page second.
type SMTP struct {
	Addr   string // host:port of the mail server
	From   string // empty means errors@localhost, as in Paste
	To     []string
	Prefix string // before each subject: "[shop] "
	// Username and Password, when set, are sent after STARTTLS only, or to a loopback
	// address: net/smtp refuses to send them in the clear.
	Username, Password string
	// StartTLS demands an encrypted connection. Without it one is used where the server
	// offers it.
	StartTLS bool
	TLS      *tls.Config // nil checks the server's name with the system's roots
}

// Report sends one mail. The context's deadline bounds the whole conversation.
func (s *SMTP) Report(ctx context.Context, r *Report) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("mail report by %s: %w", s.Addr, err)
		}
	}()
	from := s.From
	if from == "" {
		from = "errors@localhost"
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return fmt.Errorf("sender %q: %w", from, err)
	}
	if len(s.To) == 0 {
		return errors.New("no recipient\nhint: set To")
	}
	body, err := s.message(r, sender)
	if err != nil {
		return err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(deadline(ctx)); err != nil {
		return errors.Join(err, conn.Close())
	}
	return s.send(conn, sender.Address, body)
}

func (s *SMTP) send(conn net.Conn, from string, body []byte) (err error) {
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	defer c.Close() // after Quit there is nothing left to close, and its error says no more
	if err := s.secure(c, host); err != nil {
		return err
	}
	if err := c.Mail(from); err != nil {
		return err
	}
	for _, to := range s.To {
		a, err := mail.ParseAddress(to)
		if err != nil {
			return fmt.Errorf("recipient %q: %w", to, err)
		}
		if err := c.Rcpt(a.Address); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

func (s *SMTP) secure(c *smtp.Client, host string) error {
	if ok, _ := c.Extension("STARTTLS"); ok {
		conf := s.TLS.Clone()
		if conf == nil {
			conf = &tls.Config{}
		}
		if conf.ServerName == "" {
			conf.ServerName = host
		}
		if err := c.StartTLS(conf); err != nil {
			return err
		}
	} else if s.StartTLS {
		return errors.New("the server offers no STARTTLS\nhint: leave StartTLS unset to send in the clear")
	}
	if s.Username == "" {
		return nil
	}
	return c.Auth(smtp.PlainAuth("", s.Username, s.Password, host))
}

// message is the mail. Its subject is one line whatever the error's text holds.
func (s *SMTP) message(r *Report, from *mail.Address) ([]byte, error) {
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	head := []string{
		"From: " + from.String(),
		"To: " + oneLine(strings.Join(s.To, ", "), maxValue),
		"Subject: " + mime.QEncoding.Encode("utf-8", oneLine(s.Prefix+r.Trace.Code+" "+r.Trace.Headline, maxHeadline)),
		"Date: " + time.Now().Format(time.RFC1123Z),
		"Message-ID: <" + rand.Text() + "@pastedev.invalid>",
		"MIME-Version: 1.0",
		"Auto-Submitted: auto-generated",
		"Content-Type: multipart/alternative; boundary=" + parts.Boundary(),
	}
	b.WriteString(strings.Join(head, "\r\n") + "\r\n\r\n")
	for _, p := range []struct {
		kind string
		body []byte
	}{{"text/plain", []byte(ReportText(r))}, {"text/html", HTML(PageData{Report: *r})}} {
		w, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {p.kind + "; charset=utf-8"},
			"Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err != nil {
			return nil, err
		}
		q := quotedprintable.NewWriter(w)
		if _, err := q.Write(p.body); err != nil {
			return nil, err
		}
		if err := q.Close(); err != nil {
			return nil, err
		}
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
