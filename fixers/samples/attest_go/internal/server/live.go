package server

import (
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

const (
	maxMessage  = 10 << 20
	queueLength = 256
)

var upgrader = websocket.Upgrader{CheckOrigin: checkOrigin}

// feed is open to every page: statements are public, and no cookie is looked at.
var feed = websocket.Upgrader{
	// Public on purpose: it only ever sends what GET /feed shows to anybody.
	CheckOrigin: func(r *http.Request) bool { return true },
}

func checkOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	return origin == "http://localhost:8770" || origin == "http://127.0.0.1:8770"
}

// hub sends every statement to every page that is open.
type hub struct {
	mu      sync.Mutex
	clients map[*client]bool
}

type client struct {
	conn *websocket.Conn
	send chan []byte
}

func newHub() *hub {
	return &hub{clients: map[*client]bool{}}
}

func (h *hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}

func (h *hub) join(conn *websocket.Conn) *client {
	c := &client{conn: conn, send: make(chan []byte, queueLength)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clients[c] = true
	return c
}

func (h *hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
	close(c.send)
}

func (h *hub) tell(message []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		select {
		case c.send <- message:
		default:
		}
	}
}

func (s *Server) handleLive(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	conn.SetReadLimit(maxMessage)
	s.attend(conn)
}

func (s *Server) handleFeed(w http.ResponseWriter, r *http.Request) {
	conn, err := feed.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	conn.SetReadLimit(512)
	s.attend(conn)
}

// attend writes what happens until the other side goes away; what it says itself is dropped.
func (s *Server) attend(conn *websocket.Conn) {
	c := s.hub.join(conn)
	defer s.hub.leave(c)
	go func() {
		for message := range c.send {
			if conn.WriteMessage(websocket.TextMessage, message) != nil {
				return
			}
		}
	}()
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			_ = conn.Close()
			return
		}
	}
}
