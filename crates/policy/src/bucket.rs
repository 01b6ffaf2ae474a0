//! What S3 asks of a bucket policy beyond the grammar: that it speaks of this bucket, in actions of
//! S3 (S3 API reference, PutBucketPolicy).

use names::BucketName;

use crate::document::Document;
use crate::error::{Fault, PolicyError};
use crate::glob::{self, ARN_PARTS, Case, Token};
use crate::statement::{ActionPattern, ResourcePattern};
use crate::template::Template;

impl Document {
    /// Whether each resource may be this bucket or be in it, and each action may be one of S3.
    /// Asked when a bucket policy is put.
    ///
    /// ```
    /// use strongroom_policy::{Document, Kind};
    /// let text = r#"{"Statement": {"Effect": "Allow", "Principal": "*",
    ///     "Action": "s3:GetObject", "Resource": "arn:aws:s3:::finance/*"}}"#;
    /// let policy = Document::parse(text, Kind::Bucket).unwrap();
    /// assert!(policy.check_bucket(&"finance".parse().unwrap()).is_ok());
    /// let error = policy.check_bucket(&"payroll".parse().unwrap()).unwrap_err();
    /// assert_eq!(error.aws_message(), "Policy has invalid resource");
    /// ```
    ///
    /// # Errors
    /// The first statement with a resource elsewhere or a foreign action.
    pub fn check_bucket(&self, bucket: &BucketName) -> Result<(), PolicyError> {
        for statement in &self.statements() {
            let error =
                |fault| PolicyError::new(self.kind, &self.source, statement.span.start, fault);
            for action in &statement.actions.patterns {
                if let ActionPattern::Of { text, .. } = action
                    && !glob::matches(action.parts().0, "s3", Case::Folded)
                {
                    return Err(error(Fault::Action(text.clone())));
                }
            }
            for resource in statement.resources.iter().flat_map(|listed| &listed.patterns) {
                if let ResourcePattern::Of { template, text, .. } = resource
                    && !may_be_in(template, text, bucket)
                {
                    return Err(error(Fault::ForeignResource(text.clone())));
                }
            }
        }
        Ok(())
    }
}

/// Whether the pattern's service is S3 and its bucket part can be the bucket.
fn may_be_in(template: &Template, text: &str, bucket: &BucketName) -> bool {
    let mut parts = text.splitn(ARN_PARTS, ':').skip(2);
    let head = [parts.next(), parts.next(), parts.next()];
    if head != [Some("s3"), Some(""), Some("")] {
        return false;
    }
    let resource = parts.next().unwrap_or("");
    let own = resource.split('/').next().unwrap_or("");
    // A variable may stand for any bucket's name; it is matched at each request.
    let open = template.fixed().is_none() && own.contains("${");
    let tokens: Vec<Token> = glob::tokens(own);
    open || glob::matches(&tokens, bucket.as_str(), Case::Exact)
}

#[cfg(test)]
mod tests {
    use crate::{Document, Kind};

    fn is_for_own(action: &str, resource: &str) -> bool {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": "*",
                 "Action": "{action}", "Resource": "{resource}"}}}}"#
        );
        let document = Document::parse(&text, Kind::Bucket).unwrap();
        document.check_bucket(&"own".parse().unwrap()).is_ok()
    }

    #[test]
    fn a_bucket_policy_speaks_of_its_own_bucket() {
        for own in ["own", "own/*", "own/${aws:username}/*", "*", "o?n/k", "${aws:username}/k"] {
            assert!(is_for_own("s3:GetObject", &format!("arn:aws:s3:::{own}")), "{own}");
        }
        for other in ["other", "other/*", "other/${aws:username}", "own2/*", "oth*"] {
            assert!(!is_for_own("s3:GetObject", &format!("arn:aws:s3:::{other}")), "{other}");
        }
    }

    #[test]
    fn a_bucket_policy_speaks_of_the_actions_of_s3() {
        assert!(
            is_for_own("S3:get*", "arn:aws:s3:::own/*") && is_for_own("*", "arn:aws:s3:::own/*")
        );
        assert!(!is_for_own("iam:GetUser", "arn:aws:s3:::own/*"));
    }
}
