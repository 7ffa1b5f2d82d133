using System.Text.Json;
using System.Text.Json.Nodes;

namespace SoftSwitch.Api.Lists;

/// <summary>A member of <see cref="ApiObject{T}"/>.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="IsRequired">It is always there, if only with null.</param>
/// <param name="Write">Writes name and value, or nothing where it is left out.</param>
/// <param name="Fits">A value that it can have.</param>
/// <param name="Schema">Its JSON Schema, made anew with each call: a node has one place in one document.</param>
internal sealed record ApiField<T>(
    string Name, bool IsRequired, Action<Utf8JsonWriter, T> Write, Func<JsonElement, bool> Fits, Func<JsonObject> Schema);
