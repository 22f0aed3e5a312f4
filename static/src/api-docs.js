// The description of the API, to read and to try. Loaded on that page alone, beside Swagger UI.
SwaggerUIBundle({
  url: document.getElementById("swagger-ui").dataset.schema,
  dom_id: "#swagger-ui",
  deepLinking: true,
  supportedSubmitMethods: ["get"],
});
