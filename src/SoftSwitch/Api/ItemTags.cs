using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using SoftSwitch.Config;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Writing;
using SoftSwitch.Kinds;
using SoftSwitch.Live.Layer;
using SoftSwitch.Model;

namespace SoftSwitch.Api;

/// <summary>
/// Entity tags (RFC 9110, 8.8.3) of what the configuration says: of all of it, or of one network or port. Two are the same where the keys
/// are; counters and states don't change them. So a client that read before it writes is told when somebody else was quicker.
/// </summary>
internal static class ItemTags
{
    private static readonly ConditionalWeakTable<SwitchModel, string> s_ofAll = [];

    public static string Of(SwitchModel model) => s_ofAll.GetValue(model, static all => Tag(ConfigJson.Write(all)));

    /// <summary>Null: there is none of that name.</summary>
    public static string? Of(SwitchModel model, RunTimeNoun noun, string name)
    {
        if (noun == RunTimeNoun.Network)
            return model.Networks.FirstOrDefault(one => one.Name == name) is { } found
                ? Tag(JsonText.Of((WrittenMap)NetworkKeys.Write(found).Value!)) : null;
        return model.Ports.FirstOrDefault(one => one.Name == name) is { } port ? Tag(JsonText.Of(PortKeys.Write(port))) : null;
    }

    /// <summary>A header names the tag, or all there are.</summary>
    public static bool Names(IEnumerable<string?> header, string? tag) =>
        header.SelectMany(value => (value ?? "").Split(',')).Select(one => one.Trim()).Any(one => one == "*" || one == tag);

    private static string Tag(string text) => $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))[..8])}\"";
}
