package PACKAGE

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestLimitRate(t *testing.T) {
	t.Setenv("PREFIXRATE_LIMIT", "0.001")
	t.Setenv("PREFIXRATE_BURST", "20")
	handler := limitRate(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	ask := func(path, address string) int {
		request := httptest.NewRequest(http.MethodGet, path, nil)
		request.RemoteAddr = address
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code == http.StatusTooManyRequests && answer.Header().Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
		return answer.Code
	}
	for _, c := range []struct {
		path string
		want int // requests at once before the first 429
	}{{"/notes", 20}, {"/login", 2}} {
		for i := 0; i < c.want; i++ {
			if code := ask(c.path, "192.0.2.1:1000"); code != http.StatusOK {
				t.Fatalf("%s, request %d: %d", c.path, i+1, code)
			}
		}
		if code := ask(c.path, "192.0.2.1:2000"); code != http.StatusTooManyRequests {
			t.Errorf("%s: %d after the burst", c.path, code)
		}
		for _, other := range []string{"192.0.2.2:1000", "[2001:db8::1]:1000"} {
			if code := ask(c.path, other); code != http.StatusOK {
				t.Errorf("%s: %d for another address", c.path, code)
			}
		}
	}
	for i := 0; i < 50; i++ {
		if code := ask("/healthz", "192.0.2.1:1000"); code != http.StatusOK {
			t.Fatalf("a probe got %d", code)
		}
	}
}

func TestClientAddressIsThatOfOneClient(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:1000":              "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:1000": "2001:db8:1:2::/64",
		"[::ffff:192.0.2.1]:1000":     "::ffff:192.0.2.1",
		"@":                           "@",
	} {
		if got := clientAddress(&http.Request{RemoteAddr: remote}); got != want {
			t.Errorf("%s: %s", remote, got)
		}
	}
}

func TestRateLimiterForgetsFullBuckets(t *testing.T) {
	limiter, now := newRateLimiter(1, 2), time.Now()
	limiter.take("192.0.2.1", now)
	limiter.take("192.0.2.2", now.Add(2*time.Minute))
	if len(limiter.buckets) != 1 {
		t.Errorf("%d buckets are kept", len(limiter.buckets))
	}
}
