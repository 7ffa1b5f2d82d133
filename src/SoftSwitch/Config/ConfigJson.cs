using SoftSwitch.Config.Writing;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>
/// A model to JSON in the keys of the language. JSON is YAML too: what it writes, <see cref="ConfigFile"/> reads back to an equal model.
/// </summary>
public static class ConfigJson
{
    public static string Write(SwitchModel model) => JsonText.Of(SwitchKeys.Write(model));
}
