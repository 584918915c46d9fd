package reloader

// typed passes on what was typed at our terminal, to the program that runs. While none
// does it waits for one: meanwhile our terminal keeps what is typed, as much as a
// terminal does, and nothing overtakes it. Only what a program has in its own terminal
// and has not read when it ends is lost with it. The pump calls it, one call at a time.
func (s *Supervisor) typed(b []byte) {
	var deaf *process // its terminal takes no more: it has closed it, or is ending
	for len(b) > 0 {
		p := s.listener(deaf)
		if p == nil {
			return
		}
		n, err := p.streams.input.Write(b)
		b = b[n:]
		if err != nil {
			deaf = p
		}
	}
}

// listener waits for a process other than deaf that can read what was typed; nil when
// there will be none.
func (s *Supervisor) listener(deaf *process) *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.quit {
		if p := s.cur; p != nil && p != deaf && p.streams.input != nil && !p.over() {
			return p
		}
		s.handed.Wait()
	}
	return nil
}

// endInput ends the wait of typed, for good.
func (s *Supervisor) endInput() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quit = true
	s.handed.Broadcast()
}
