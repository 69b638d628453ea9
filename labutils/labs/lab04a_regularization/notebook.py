# %% [markdown]
# # 04a
