package server

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/attest/internal/auth"
	"example.com/attest/internal/config"
	"example.com/attest/internal/store"
)

func answered(t *testing.T, method, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequest(method, path, nil)
	request.Header = header
	answer := httptest.NewRecorder()
	server := New(config.Config{AdminToken: "sesame"}, &store.Store{})
	server.withCORS(server.routes()).ServeHTTP(answer, request)
	return answer
}

func TestTheProbesAnswer(t *testing.T) {
	for _, path := range []string{"/health", "/readyz"} {
		if got := answered(t, http.MethodGet, path, nil); got.Code != http.StatusOK {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

func TestALoginSetsACookieThatNoScriptReads(t *testing.T) {
	got := answered(t, http.MethodPost, "/login", http.Header{"X-Attest-Token": {"sesame"}})
	cookies := got.Result().Cookies()
	if len(cookies) != 1 || cookies[0].Name != auth.CookieName || !cookies[0].HttpOnly {
		t.Errorf("the cookies are %v", cookies)
	}
}

func TestOurOwnPagesMayAskOnAnyPort(t *testing.T) {
	got := answered(t, http.MethodGet, "/health", http.Header{"Origin": {"http://localhost:5173"}})
	if allowed := got.Header().Get("Access-Control-Allow-Origin"); allowed != "http://localhost:5173" {
		t.Errorf("allowed is %q", allowed)
	}
	got = answered(t, http.MethodGet, "/health", http.Header{"Origin": {"https://elsewhere.example"}})
	if allowed := got.Header().Get("Access-Control-Allow-Origin"); allowed != "" {
		t.Errorf("another site is allowed: %q", allowed)
	}
}
