using System.Text.Json;
using SoftSwitch.Config;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Live.Layer;
using SoftSwitch.Live.Saving;

namespace SoftSwitch.Tests.Live;

/// <summary>Configurations with changes of ports over them, saved without a switch.</summary>
internal static class SaveSamples
{
    public static SavedConfig? Saved(ConfigDocument document, params (string Verb, string Port, string? Keys)[] changes) =>
        Saved(document, out _, changes);

    public static SavedConfig? Saved(
        ConfigDocument document, out IReadOnlyList<string> obstacles, params (string Verb, string Port, string? Keys)[] changes)
    {
        var edit = new LayerEdit(document.Root!, RunTimeLayer.Empty, document.Compile(null).Model!, null);
        foreach (var (verb, port, keys) in changes)
            Do(edit, RunTimeNoun.Port, verb, port, keys);
        return SavedConfig.Of(document, edit.Layer, out obstacles);
    }

    public static void Do(LayerEdit edit, RunTimeNoun noun, string verb, string name, string? keys)
    {
        if (verb == "add")
            edit.Add(noun, name, Keys(keys!));
        else if (verb == "set")
            edit.Set(noun, name, Keys(keys!));
        else
            edit.Remove(noun, name);
    }

    private static MapNode Keys(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonNodes.Map(document.RootElement, Position.In("a test"), new(""));
    }
}
