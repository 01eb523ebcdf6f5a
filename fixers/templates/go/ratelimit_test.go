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
		if code := ask(c.path, "192.0.2.2:1000"); code != http.StatusOK {
			t.Errorf("%s: %d for another address", c.path, code)
		}
	}
	for i := 0; i < 50; i++ {
		if code := ask("/healthz", "192.0.2.1:1000"); code != http.StatusOK {
			t.Fatalf("a probe got %d", code)
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
