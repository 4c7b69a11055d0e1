variable "project_id" {
  type        = string
  description = "The Google Cloud project that everything goes into. It must exist and have billing."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project's ID, 6 to 30 small letters, digits and hyphens, such as memes-4711; its name or number won't do."
  }
}

variable "repository" {
  type        = string
  description = "The folder of a checkout of MemeGen. Its page and its archive of the functions are deployed. By default it is the checkout that holds this module."
  default     = null

  validation {
    condition     = var.repository == null ? true : fileexists("${var.repository}/functions/memegen/contract.json")
    error_message = "repository must be the folder of a checkout of MemeGen; functions/memegen/contract.json isn't in it."
  }
}

variable "region" {
  type        = string
  description = "The region of the buckets, the functions and the trigger."
  default     = "europe-west1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be one region, such as europe-west1; multi-regions and zones won't do."
  }
}

variable "name" {
  type        = string
  description = "Every name starts with this, so that one project can hold several installations."
  default     = "memegen"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,14}[a-z0-9]$", var.name)) && !can(regex("goog", var.name))
    error_message = "name must be 2 to 16 small letters, digits and hyphens, start with a letter, not end with a hyphen, and not hold \"goog\", which Cloud Storage refuses."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Whether terraform destroy also deletes what is in the buckets."
  default     = false
  nullable    = false
}

variable "archive" {
  type        = string
  description = "The name of an older archive in the source bucket, to roll back to it. By default the archive that make package built last is deployed."
  default     = null

  validation {
    condition     = var.archive == null || can(regex("^functions-[0-9a-f]{16}\\.zip$", var.archive))
    error_message = "archive must be the name of an archive in the source bucket, such as functions-0123456789abcdef.zip."
  }
}

variable "public" {
  type        = bool
  description = "Whether anyone may open the page and call the api. It must be false where a policy of the organisation forbids allUsers: see infra/README.md."
  default     = true
  nullable    = false
}

variable "max_instances" {
  type        = number
  description = "The largest number of instances of each function. It limits what a flood of requests can cost."
  default     = 10
  nullable    = false

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 100 && floor(var.max_instances) == var.max_instances
    error_message = "max_instances must be a whole number from 1 to 100."
  }
}

variable "uploaders" {
  type        = set(string)
  description = "Who may put photos into the uploads bucket directly, for instance user:ann@example.com or serviceAccount:…"
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.uploaders : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):\\S+$", member))])
    error_message = "uploaders must be principals such as user:ann@example.com, group:…, serviceAccount:… or domain:…; allUsers and allAuthenticatedUsers are refused."
  }
}

variable "readers" {
  type        = set(string)
  description = "Who may read all memes and reports directly, and subscribe to the report topic if there is one."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.readers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):\\S+$", member))])
    error_message = "readers must be principals such as user:ann@example.com, group:…, serviceAccount:… or domain:…; allUsers and allAuthenticatedUsers are refused."
  }
}

variable "report_topic" {
  type        = bool
  description = "Whether a Pub/Sub topic gets a message for each finished report."
  default     = false
  nullable    = false
}

variable "notify_email" {
  type        = string
  description = "The address that alerts and the budget's e-mails are sent to. Without one, they are only shown in the console."
  default     = null

  validation {
    condition     = var.notify_email == null || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.notify_email))
    error_message = "notify_email must be one e-mail address."
  }
}

variable "billing_account" {
  type        = string
  description = "The billing account that the budget watches. Only monthly_budget needs it."
  default     = null

  validation {
    condition     = var.billing_account == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "billing_account must look like 012345-6789AB-CDEF01."
  }
}

variable "monthly_budget" {
  type        = number
  description = "The sum for a month, in the billing account's currency. E-mails are sent when the project's costs reach 50, 90 and 100 per cent of it. It stops nothing."
  default     = null

  validation {
    condition     = var.monthly_budget == null || try(var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget, false)
    error_message = "monthly_budget must be a whole number, 1 or more."
  }
  validation {
    condition     = var.monthly_budget == null || var.billing_account != null
    error_message = "monthly_budget needs billing_account, the account that it watches."
  }
}

variable "domain" {
  type        = string
  description = "Your own domain for the page, with api.<domain> for the api, behind a load balancer. Without it, there is no load balancer."
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "domain must be a bare domain name in small letters, such as memes.example.com, without https:// and without a path."
  }
}

variable "requests_per_minute" {
  type        = number
  description = "How many api requests one IP address may send in a minute. A page that waits for its meme sends about 60. Without a domain, each instance of the api counts separately."
  default     = 300
  nullable    = false

  validation {
    condition     = var.requests_per_minute >= 60 && var.requests_per_minute <= 10000 && floor(var.requests_per_minute) == var.requests_per_minute
    error_message = "requests_per_minute must be a whole number from 60 to 10000."
  }
}
