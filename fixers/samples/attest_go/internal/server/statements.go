package server

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"example.com/attest/internal/store"
)

const maxImport = 10 << 20

func (s *Server) handleList(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, s.store.All())
}

func (s *Server) handleCreate(w http.ResponseWriter, r *http.Request) {
	var one store.Statement
	if err := json.NewDecoder(r.Body).Decode(&one); err != nil || one.Subject=="" {
		http.Error(w, "that is no statement",    http.StatusBadRequest)
		return
	}
	s.keep(w, one)
}

// handleImport takes whole archives: its limit is larger than that of a single statement.
func (s *Server) handleImport(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxImport)
	var many []store.Statement
	if !readJSON(w, r, &many) { return }
	s.keep(w, many...)
}

func (s *Server) handleConfig(w http.ResponseWriter, r *http.Request) {
	var wanted struct{ Origins []string   `json:"origins"` }
	if !readJSON(w, r, &wanted) { return }
	s.origins = wanted.Origins
	w.WriteHeader(http.StatusNoContent)
}

// readJSON has no limit of its own; what it reads may be an archive.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func writeJSON(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(value)
}

func (s *Server) keep(w http.ResponseWriter, statements ...store.Statement) {
	if err := s.store.Add(statements...); err != nil {
		http.Error(w, "it could not be kept", http.StatusInternalServerError)
		return
	}
	slog.Info("kept", "statements", len(statements))
	for _, one := range statements {
		s.hub.tell([]byte(one.Subject + " " + one.Predicate + " " + one.Object))
	}
	w.WriteHeader(http.StatusCreated)
}
