# State lives in a bucket, which `terraform init -backend-config=bucket=…` names: see README.md.
terraform {
  backend "gcs" {}
}
