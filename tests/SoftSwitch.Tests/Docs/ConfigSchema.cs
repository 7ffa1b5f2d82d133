using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SoftSwitch.Config;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Kinds;
using SoftSwitch.Model;

namespace SoftSwitch.Tests.Docs;

/// <summary>
/// The language as JSON Schema (draft 2020-12), for editors: which keys there are, where, and what their values look like. What keys must
/// have in common (an address in its subnet, a port's network) only the program itself checks. What is not built is left out.
/// </summary>
internal static class ConfigSchema
{
    private const string Name = "^[a-z0-9][a-z0-9-]{0,14}$";

    private static readonly JsonSerializerOptions Options =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write()
    {
        var schema = RowSchema.Map(SwitchKeys.All, SwitchKeys.Blank, Names);
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "A configuration of softswitch");
        return schema.ToJsonString(Options) + "\n";
    }

    /// <summary>One of the modes or of the kinds, each with its own keys.</summary>
    private static JsonObject Names(Row row)
    {
        var each = row.Name == SwitchKeys.Networks.Name
            ? Enum.GetValues<NetworkMode>().Select(mode => RowSchema.Map(
                NetworkKeys.All.Where(key => key.IsFor(mode.Word())), NetworkKeys.Blank("", mode), null, (NetworkKeys.Mode, mode.Word())))
            : PortKinds.All.Where(kind => kind.IsBuilt)
                .Select(kind => RowSchema.Map(PortKeys.Of(kind), kind.Blank(""), null, (PortKeys.Kind, kind.Word)));
        var names = new JsonObject
        {
            ["type"] = "object",
            ["propertyNames"] = new JsonObject { ["pattern"] = Name },
            ["additionalProperties"] = new JsonObject { ["oneOf"] = new JsonArray([.. each]) },
        };
        if (row.Need is not null)
            names.Add("minProperties", 1);
        return names;
    }
}
