using System.Text.Json;
using System.Text.Json.Nodes;

namespace SoftSwitch.Api.Lists;

/// <summary>A kind of JSON object of the API as its description and its readers need it, whatever type it is made of.</summary>
internal interface IApiObject
{
    /// <summary>Its name in the description of the API, such as Port.</summary>
    string Name { get; }

    /// <summary>The objects that are members of it.</summary>
    IEnumerable<IApiObject> Parts { get; }

    /// <summary>Its JSON Schema.</summary>
    JsonObject Schema();

    /// <summary>True: this JSON has every member that it must have, and none that isn't known.</summary>
    bool Fits(JsonElement json);
}
