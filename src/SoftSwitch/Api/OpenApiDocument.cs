namespace SoftSwitch.Api;

/// <summary>The description of the API (OpenAPI 3.1) that is part of the program: the file openapi.json beside this one.</summary>
internal static class OpenApiDocument
{
    public const string ResourceName = "openapi.json";

    public static byte[] Utf8()
    {
        using var resource = typeof(OpenApiDocument).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"{ResourceName} is not in the program");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
