package auth

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestASessionEndsWithItsLogout(t *testing.T) {
	sessions := New("open sesame")
	if _, ok := sessions.Login("open"); ok {
		t.Fatal("half a token opens a session")
	}
	key, ok := sessions.Login("open sesame")
	if !ok {
		t.Fatal("the token opens no session")
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: CookieName, Value: key})
	if !sessions.Known(r) {
		t.Error("the session is not known")
	}
	sessions.Logout(key)
	if sessions.Known(r) {
		t.Error("the session outlives its logout")
	}
}
