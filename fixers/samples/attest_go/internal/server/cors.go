package server

import (
	"net/http"
	"strings"
)

// withCORS lets the pages of our own origins ask, on whatever port they are developed.
func (s *Server) withCORS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" && s.allows(origin) {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			w.Header().Add("Vary", "Origin")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) allows(origin string) bool {
	for _, allowed := range s.origins {
		if strings.HasPrefix(origin, allowed) {
			return true
		}
	}
	return false
}
