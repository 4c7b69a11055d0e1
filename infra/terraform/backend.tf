# The state is stored in a bucket, which you name with `terraform init -backend-config=bucket=…`: see infra/README.md.
terraform {
  backend "gcs" {}
}
