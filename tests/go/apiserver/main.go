package main

import (
	_ "go.etcd.io/etcd/server/v3/embed"
	_ "k8s.io/kubernetes/cmd/kube-apiserver/app"
	_ "k8s.io/kubernetes/pkg/controller/serviceaccount"
	_ "k8s.io/client-go/kubernetes"
)

func main() {}
