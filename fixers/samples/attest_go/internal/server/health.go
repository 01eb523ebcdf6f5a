package server

import (
	"encoding/json"
	"net/http"
	"runtime"
	"runtime/debug"
)

// handleHealth is read by the footer of the page.
func (s *Server) handleHealth(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"status":  "ok",
		"version": version(),
	})
}

func (s *Server) handleReady(w http.ResponseWriter, r *http.Request) {
	clients := s.hub.count()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"status":   "ready",
		"database": s.store != nil,
		"commit":   version(),
		"clients":  clients,
		"platform": runtime.GOOS,
	})
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
