# What this module reads of the repository: here the contract, functions.tf reads the archive and site.tf the page.

locals {
  repository = coalesce(var.repository, "${path.module}/../../..")
  contract   = jsondecode(file("${local.repository}/functions/memegen/contract.json"))
}
