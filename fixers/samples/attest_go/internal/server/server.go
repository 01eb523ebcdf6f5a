// Package server answers the page, the programs of its owner, and peers.
package server

import (
	"fmt"
	"net/http"

	"example.com/attest/internal/auth"
	"example.com/attest/internal/config"
	"example.com/attest/internal/store"
	"example.com/attest/web"
)

// Server is one attestd.
type Server struct {
	cfg      config.Config
	store    *store.Store
	sessions *auth.Sessions
	hub      *hub
	origins  []string
}

// New puts a server together.
func New(cfg config.Config, kept *store.Store) *Server {
	return &Server{
		cfg:      cfg,
		store:    kept,
		sessions: auth.New(cfg.AdminToken),
		hub:      newHub(),
		origins:  []string{"http://localhost", "http://127.0.0.1"},
	}
}

// Run serves until something goes wrong.
func (s *Server) Run() error {
	server := &http.Server{
		Addr:    fmt.Sprintf(":%d", s.cfg.Port),
		Handler: s.withCORS(s.routes()),
	}
	return server.ListenAndServe()
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	wrap := s.requireSession
	if !s.cfg.AuthOn {
		wrap = func(next http.HandlerFunc) http.HandlerFunc { return next }
	}
	mux.Handle("/", http.FileServer(http.FS(web.Files)))
	mux.HandleFunc("/health", s.handleHealth)
	mux.HandleFunc("/readyz", s.handleReady)
	mux.HandleFunc("POST /login", s.handleLogin)
	mux.HandleFunc("POST /logout", s.handleLogout)
	mux.HandleFunc("GET /attestations", wrap(s.handleList))
	mux.HandleFunc("POST /attestations", wrap(s.handleCreate))
	mux.HandleFunc("POST /import", wrap(s.handleImport))
	mux.HandleFunc("POST /fetch", wrap(s.handleFetch))
	mux.HandleFunc("GET /files/{name}", wrap(s.handleFile))
	mux.HandleFunc("PUT /config", wrap(s.handleConfig))
	mux.HandleFunc("/live", wrap(s.handleLive))
	mux.HandleFunc("/feed", s.handleFeed)
	mux.HandleFunc("/sync", s.handleSync)
	return mux
}

// requireSession asks for a login.
func (s *Server) requireSession(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.sessions.Known(r) {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}
