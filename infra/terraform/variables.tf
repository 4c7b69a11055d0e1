# All variables but labels are passed on to the module. memegen/variables.tf describes each one, checks its value and has
# its default. The module uses its default where the value here is null.

variable "project_id" {
  type        = string
  description = "The Google Cloud project that everything goes into. It must exist and have billing."
}

variable "region" {
  type    = string
  default = null
}

variable "name" {
  type     = string
  default  = "memegen" # the label needs it as well
  nullable = false
}

variable "labels" {
  type        = map(string)
  description = "Labels for everything that takes labels, for instance to tell costs apart."
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))
    ])
    error_message = "labels must have keys and values of at most 63 small letters, digits, _ and -, each key starting with a letter."
  }
}

variable "force_destroy" {
  type    = bool
  default = null
}

variable "archive" {
  type    = string
  default = null
}

variable "public" {
  type    = bool
  default = null
}

variable "max_instances" {
  type    = number
  default = null
}

variable "uploaders" {
  type    = set(string)
  default = null
}

variable "readers" {
  type    = set(string)
  default = null
}

variable "report_topic" {
  type    = bool
  default = null
}

variable "notify_email" {
  type    = string
  default = null
}

variable "billing_account" {
  type    = string
  default = null
}

variable "monthly_budget" {
  type    = number
  default = null
}

variable "domain" {
  type    = string
  default = null
}

variable "requests_per_minute" {
  type    = number
  default = null
}
