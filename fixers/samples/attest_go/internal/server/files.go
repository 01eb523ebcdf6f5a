package server

import (
	"encoding/json"
	"net/http"
	"path/filepath"

	"example.com/attest/internal/outside"
	"example.com/attest/internal/store"
)

// handleFile serves an attachment; a name leads to no other folder.
func (s *Server) handleFile(w http.ResponseWriter, r *http.Request) {
	name := filepath.Base(r.PathValue("name"))
	http.ServeFile(w, r, filepath.Join(s.cfg.Files, name))
}

// handleFetch takes over the statements that lie at an address of the internet.
func (s *Server) handleFetch(w http.ResponseWriter, r *http.Request) {
	found, err := outside.Fetch(r.Context(), r.URL.Query().Get("from"))
	if err != nil {
		http.Error(w, "it could not be fetched", http.StatusBadGateway)
		return
	}
	var many []store.Statement
	if err := json.Unmarshal(found, &many); err != nil {
		http.Error(w, "those are no statements", http.StatusBadGateway)
		return
	}
	s.keep(w, many...)
}
