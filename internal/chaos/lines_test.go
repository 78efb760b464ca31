package chaos

import (
	"bytes"
	"strings"
	"sync"
	"time"
)

// lines keeps what a process writes, line by line. It is an io.Writer.
type lines struct {
	mu   sync.Mutex
	part []byte
	all  []string
	news chan struct{} // closed when a line comes
}

func newLines() *lines { return &lines{news: make(chan struct{})} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			l.part = append(l.part, p...)
			return n, nil
		}
		l.all = append(l.all, string(l.part)+string(p[:i]))
		l.part, p = nil, p[i+1:]
		close(l.news)
		l.news = make(chan struct{})
	}
}

// find returns the first line that holds text.
func (l *lines) find(text string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if strings.Contains(line, text) {
			return line, true
		}
	}
	return "", false
}

// wait waits for a line that holds text, until it comes, ended is closed or the
// time is over.
func (l *lines) wait(text string, ended <-chan struct{}, most time.Duration) (string, bool) {
	deadline := time.After(most)
	for {
		l.mu.Lock()
		news := l.news
		l.mu.Unlock()
		if line, ok := l.find(text); ok {
			return line, true
		}
		select {
		case <-news:
		case <-ended:
			return l.find(text)
		case <-deadline:
			return "", false
		}
	}
}

// text is all of it.
func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(append(l.all[:len(l.all):len(l.all)], string(l.part)), "\n")
}

// tail is the end of it, for the log of a failed test.
func (l *lines) tail(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := max(0, len(l.all)-n)
	return strings.Join(append(l.all[from:len(l.all):len(l.all)], string(l.part)), "\n")
}
