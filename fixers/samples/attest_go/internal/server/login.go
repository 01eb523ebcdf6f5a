package server

import (
	"net/http"

	"example.com/attest/internal/auth"
)

func (s *Server) handleLogin(w http.ResponseWriter, r *http.Request) {
	key, ok := s.sessions.Login(r.Header.Get("X-Attest-Token"))
	if !ok {
		http.Error(w, "that is not the token", http.StatusUnauthorized)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name:     auth.CookieName,
		Value:    key,
		Path:     "/",
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
	w.WriteHeader(http.StatusNoContent)
}
