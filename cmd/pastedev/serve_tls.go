package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"slices"
	"time"
)

const (
	// certificateLife is how long a certificate holds: browsers refuse more than 398 days.
	certificateLife = 397 * 24 * time.Hour
	// certificateRenew is how long before its end a new one is made.
	certificateRenew = 14 * 24 * time.Hour
)

// certificate returns the settings of --tls: a certificate of the project's own, kept in
// the state dir, for this machine's names and the host of --addr.
func (s *session) certificate() (*tls.Config, error) {
	names := []string{"localhost", "127.0.0.1", "::1"}
	if host, _, err := net.SplitHostPort(s.config.Addr); err == nil && host != "" && !slices.Contains(names, host) {
		if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
			names = append(names, host)
		}
	}
	cert, key := s.statePath("tls-cert.pem"), s.statePath("tls-key.pem")
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err == nil {
		err = fits(pair, names)
	}
	if err != nil {
		if err := makeCertificate(cert, key, names); err != nil {
			return nil, fmt.Errorf("make a certificate: %w", err)
		}
		if pair, err = tls.LoadX509KeyPair(cert, key); err != nil {
			return nil, fmt.Errorf("read the certificate: %w", err)
		}
	}
	s.notice(fmt.Sprintf("TLS by a certificate of this project's own, SHA-256 %X", sha256.Sum256(pair.Certificate[0])))
	s.notice("trust it: import " + cert + " into the browser's authorities, or curl --cacert " + cert)
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// fits reports why a certificate cannot be used for names.
func fits(pair tls.Certificate, names []string) error {
	if left := time.Until(pair.Leaf.NotAfter); left < certificateRenew {
		return fmt.Errorf("it ends in %s", left)
	}
	for _, name := range names {
		if err := pair.Leaf.VerifyHostname(name); err != nil {
			return err
		}
	}
	return nil
}

// makeCertificate writes a self-signed certificate for names and its key, both readable to
// the user alone.
func makeCertificate(cert, key string, names []string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	now := time.Now()
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "pastedev development certificate"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLife),
		// It signs itself and nothing else: who trusts it trusts this key for these names.
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &private.PublicKey, private)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := writePEM(key, "PRIVATE KEY", secret); err != nil {
		return err
	}
	return writePEM(cert, "CERTIFICATE", der)
}

func writePEM(path, kind string, der []byte) error {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
