//! An embedded DynamoDB with the stack's table.

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use headend_aws_store::sdk;
use headend_aws_store::table::Table;
use tokio::net::TcpListener;

const NAME: &str = "headend-test";

pub struct Dynamo {
    pub table: Table,
    sdk: SdkConfig,
    client: Client,
}

impl Dynamo {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
        let sdk = config(&endpoint);
        let client = Client::new(&sdk);
        create_table(&client).await;
        Self { table: Table::new(&sdk, NAME), sdk, client }
    }

    pub fn other_table(&self, name: &str) -> Table {
        Table::new(&self.sdk, name)
    }

    pub async fn overwrite(&self, pk: &str, sk: &str, attribute: &str, value: &str) {
        let update = self.client.update_item().table_name(NAME).key("pk", text(pk)).key("sk", text(sk));
        let update = update.update_expression("SET #a = :v").expression_attribute_names("#a", attribute);
        update.expression_attribute_values(":v", text(value)).send().await.unwrap();
    }

    pub async fn text(&self, pk: &str, sk: &str, attribute: &str) -> Option<String> {
        self.attribute(pk, sk, attribute).await?.as_s().ok().cloned()
    }

    pub async fn number(&self, pk: &str, sk: &str, attribute: &str) -> Option<i64> {
        self.attribute(pk, sk, attribute).await?.as_n().ok()?.parse().ok()
    }

    async fn attribute(&self, pk: &str, sk: &str, attribute: &str) -> Option<AttributeValue> {
        let get = self.client.get_item().table_name(NAME).key("pk", text(pk)).key("sk", text(sk));
        get.send().await.unwrap().item?.remove(attribute)
    }
}

/// A table behind a port where nobody listens.
pub async fn nobody_listens() -> Table {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    Table::new(&config(&endpoint), NAME)
}

fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    sdk::settings()
        .into_builder()
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build()
}

/// The table as the template has it.
async fn create_table(client: &Client) {
    let mut create = client.create_table().table_name(NAME).billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in [
        ("pk", ScalarAttributeType::S),
        ("sk", ScalarAttributeType::S),
        ("due_shard", ScalarAttributeType::S),
        ("due_at", ScalarAttributeType::N),
        ("list_pk", ScalarAttributeType::S),
        ("list_sk", ScalarAttributeType::S),
        ("phase_pk", ScalarAttributeType::S),
    ] {
        create = create.attribute_definitions(
            AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap(),
        );
    }
    for (name, hash, range, projection) in [
        ("due", "due_shard", "due_at", ProjectionType::KeysOnly),
        ("created", "list_pk", "list_sk", ProjectionType::All),
        ("phase", "phase_pk", "list_sk", ProjectionType::All),
    ] {
        let index = GlobalSecondaryIndex::builder()
            .index_name(name)
            .key_schema(key(hash, KeyType::Hash))
            .key_schema(key(range, KeyType::Range))
            .projection(Projection::builder().projection_type(projection).build());
        create = create.global_secondary_indexes(index.build().unwrap());
    }
    let create = create.key_schema(key("pk", KeyType::Hash)).key_schema(key("sk", KeyType::Range));
    create.send().await.unwrap();
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
