// Package auth knows who is logged in.
package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"sync"
	"time"
)

// CookieName is the cookie that a login sets.
const CookieName = "attest_session"

const sessionTTL = 12 * time.Hour

// Sessions are the logins of this process.
type Sessions struct {
	token    string
	sessions sync.Map
}

// New takes the token that a login has to name.
func New(token string) *Sessions {
	return &Sessions{token: token}
}

// Login opens a session when the token is right.
func (s *Sessions) Login(token string) (string, bool) {
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) != 1 {
		return "", false
	}
	id := make([]byte, 32)
	if _, err := rand.Read(id); err != nil {
		return "", false
	}
	key := hex.EncodeToString(id)
	s.sessions.Store(key, time.Now().Add(sessionTTL))
	return key, true
}

// Logout forgets a session.
func (s *Sessions) Logout(key string) {
	s.sessions.Delete(key)
}

// Known says whether a request comes with the cookie of a session that has not expired.
func (s *Sessions) Known(r *http.Request) bool {
	cookie, err := r.Cookie(CookieName)
	if err != nil {
		return false
	}
	until, ok := s.sessions.Load(cookie.Value)
	return ok && time.Now().Before(until.(time.Time))
}
