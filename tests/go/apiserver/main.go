// Command apiserver is a Kubernetes without nodes. `apiserver serve DIRECTORY` runs etcd, kube-apiserver and the controller
// that fills Secrets of service account tokens in one process on loopback, until its standard input ends; once it is ready
// it says so on standard output and DIRECTORY has a kubeconfig. `apiserver kubectl …` is kubectl of the same version.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/embed"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/keyutil"
	"k8s.io/component-base/cli"
	"k8s.io/klog/v2"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"
	tokens "k8s.io/kubernetes/pkg/serviceaccount"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "kubectl" {
		os.Args = os.Args[1:]
		os.Exit(cli.Run(kubectl.NewDefaultKubectlCommand()))
	}
	if len(os.Args) != 3 || os.Args[1] != "serve" {
		log.Fatal("usage: apiserver serve DIRECTORY | apiserver kubectl …")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := start(ctx, os.Args[2]); err != nil {
		log.Fatal(err)
	}
	fmt.Println("ready")
	// A parent that ends in whatever way takes this process with it.
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		log.Fatal(err)
	}
}

// start returns once everything answers.
func start(ctx context.Context, directory string) error {
	storage, err := startEtcd(filepath.Join(directory, "etcd"))
	if err != nil {
		return fmt.Errorf("starting etcd: %w", err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	config, err := startServer(ctx, directory, storage, key)
	if err != nil {
		return fmt.Errorf("starting kube-apiserver: %w", err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	err = wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		_, err := client.RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err == nil, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for kube-apiserver: %w", err)
	}
	if err := startTokenController(ctx, client, config.CAData, key); err != nil {
		return fmt.Errorf("starting the token controller: %w", err)
	}
	return clientcmd.WriteToFile(kubeconfig(config), filepath.Join(directory, "kubeconfig"))
}

func startEtcd(directory string) (string, error) {
	anyPort := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config := embed.NewConfig()
	config.Dir = directory
	config.LogLevel = "error"
	config.UnsafeNoFsync = true
	config.EnableGRPCGateway = false
	config.ListenClientUrls, config.AdvertiseClientUrls = anyPort, anyPort
	config.ListenPeerUrls, config.AdvertisePeerUrls = anyPort, anyPort
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return "", err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return "http://" + etcd.Clients[0].Addr().String(), nil
	case err := <-etcd.Err():
		return "", err
	case <-time.After(time.Minute):
		return "", errors.New("it is not ready after a minute")
	}
}

// startServer returns how to reach the server as an administrator.
func startServer(ctx context.Context, directory, storage string, key *rsa.PrivateKey) (*rest.Config, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	encoded, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return nil, err
	}
	keyFile, tokenFile := filepath.Join(directory, "sa.key"), filepath.Join(directory, "tokens.csv")
	if err := os.WriteFile(keyFile, encoded, 0o600); err != nil {
		return nil, err
	}
	token := rand.Text()
	if err := os.WriteFile(tokenFile, []byte(token+",admin,admin,system:masters\n"), 0o600); err != nil {
		return nil, err
	}

	server := options.NewServerRunOptions()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, set := range server.Flags().FlagSets {
		flags.AddFlagSet(set)
	}
	err = flags.Parse([]string{
		"--etcd-servers=" + storage,
		"--cert-dir=" + directory,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--authorization-mode=RBAC",
		"--token-auth-file=" + tokenFile,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + keyFile,
		"--service-account-key-file=" + keyFile,
	})
	if err != nil {
		return nil, err
	}
	server.SecureServing.Listener = listener
	if err := server.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return nil, err
	}
	completed, err := server.Complete(ctx)
	if err != nil {
		return nil, err
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return nil, utilerrors.NewAggregate(errs)
	}
	go func() {
		if err := app.Run(ctx, completed); err != nil {
			log.Fatal(err)
		}
	}()

	chain, err := os.ReadFile(filepath.Join(directory, "apiserver.crt"))
	if err != nil {
		return nil, err
	}
	// The server's own certificate comes first, then that of the authority which signed it.
	end := []byte("-----END CERTIFICATE-----\n")
	_, authority, _ := bytes.Cut(chain, end)
	return &rest.Config{
		Host:            "https://" + listener.Addr().String(),
		BearerToken:     token,
		TLSClientConfig: rest.TLSClientConfig{CAData: authority},
	}, nil
}

func startTokenController(ctx context.Context, client kubernetes.Interface, authority []byte, key *rsa.PrivateKey) error {
	generator, err := tokens.JWTTokenGenerator(tokens.LegacyIssuer, key)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	core := factory.Core().V1()
	controller, err := serviceaccount.NewTokensController(
		klog.Background(), core.ServiceAccounts(), core.Secrets(), client,
		serviceaccount.TokensControllerOptions{TokenGenerator: generator, RootCA: authority},
	)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	go controller.Run(ctx, 1)
	return nil
}

func kubeconfig(config *rest.Config) api.Config {
	const name = "admin"
	return api.Config{
		Clusters:       map[string]*api.Cluster{name: {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos:      map[string]*api.AuthInfo{name: {Token: config.BearerToken}},
		Contexts:       map[string]*api.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}
}
